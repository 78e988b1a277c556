{#- dbt's own, but for what it asks and writes: the comments that are not there yet, in one go. A table of Postgres that is refreshed in
    place keeps its comments, so that most nights write none; what is written locks it against other changes of the table, not
    against readers. Macros that stand in for dbt's own have the name that dbt calls, not one that it dispatches to: nodes of a
    package look for macros in the package first, so that they hold for this project wherever it is built, and for no other. -#}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {%- set wanted = {} -%}
    {%- if for_relation and config.persist_relation_docs() -%}{%- do wanted.update({'': model.description}) -%}{%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for name, column in model.columns.items() -%}{%- do wanted.update({name: column.description}) -%}{%- endfor -%}
    {%- endif -%}
    {%- set written = adapter.dispatch('written_comments', 'tessera')(relation) if wanted else {} -%}
    {%- set statements = [] -%}
    {%- for name, comment in wanted.items() if comment | trim != written.get(name, '') -%}
        {%- set place = 'column ' ~ relation ~ '.' ~ adapter.quote(name) if name else relation.type ~ ' ' ~ relation -%}
        {%- do statements.append('comment on ' ~ place ~ ' is ' ~ sql_text(comment | trim)) -%}
    {%- endfor -%}
    {%- if statements -%}{%- call statement('comments') -%}{{ statements | join(';\n') }}{%- endcall -%}{%- endif -%}
{%- endmacro %}

{#- The comments that a relation has, as {column: comment}, that of the relation itself under ''. DuckDB is not asked: it makes its
    tables anew, and to look at the columns of all tables takes it longer than to write the comments of one. -#}
{% macro duckdb__written_comments(relation) -%}{{- return({}) -}}{%- endmacro %}
{% macro postgres__written_comments(relation) -%}
    {%- set found = {} -%}
    {%- for row in run_query("
        select coalesce(attributes.attname, '') as name, descriptions.description
        from pg_description as descriptions
        left join pg_attribute as attributes
            on descriptions.objoid = attributes.attrelid and descriptions.objsubid = attributes.attnum and descriptions.objsubid > 0
        where descriptions.classoid = cast('pg_class' as regclass) and descriptions.objoid = cast(" ~ sql_text(relation) ~ " as regclass)
    ").rows -%}
        {%- do found.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
