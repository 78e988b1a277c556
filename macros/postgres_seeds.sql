{#- Postgres only, how a seed that is there already gets its rows: dbt's own way is to truncate it, for which Postgres waits
    for all readers and keeps others out, or with --full-refresh to drop it, and with it the views that read it. -#}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- if not full_refresh -%}
        {%- set emptied = 'delete from ' ~ old_relation -%}
        {%- call statement('_') -%}{{ emptied }}{%- endcall -%}
        {{- return(emptied) -}}
    {%- endif -%}
    {%- set dependents = local_python_set_aside(old_relation) -%}
    {%- set grants = local_python_grants(old_relation, this) -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {%- set made = create_csv_table(model, agate_table) -%}
    {%- if grants -%}{%- call statement('_') -%}{{ grants | join('; ') }}{%- endcall -%}{%- endif -%}
    {%- do local_python_put_back(dependents) -%}
    {{- return(made) -}}
{%- endmacro %}
