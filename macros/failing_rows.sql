{#- Prints the rows of tests that failed or warned about seeds and the vocabulary, which dbt only counts: who edited a row sees
    which one it is. Rows of other tests are not printed, as they may name people. An on-run-end hook.
    results: dbt's results of the run. -#}
{% macro tell_failing_rows(results) -%}
    {%- for result in results if result.node.resource_type == 'test' and result.status in ('fail', 'warn') -%}
        {%- set test = result.node -%}
        {%- set others = [] -%}
        {%- for id in test.depends_on.nodes if not id.startswith('seed.') -%}{%- do others.append(id) -%}{%- endfor -%}
        {%- if not others or 'tests/warnings/' in test.original_file_path -%}
            {%- set rows = run_query('select * from (\n' ~ test.compiled_code ~ '\n) as failing limit 20').rows -%}
            {%- do print('Rows of ' ~ test.name ~ ':') -%}
            {%- for row in rows -%}
                {%- set values = [] -%}
                {%- for name, value in row.items() -%}{%- do values.append(name ~ ' ' ~ value) -%}{%- endfor -%}
                {%- do print('  ' ~ values | join(', ')) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
