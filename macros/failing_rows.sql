{#- Prints the rows of tests that failed or warned about seeds and the vocabulary, which dbt only counts: who edited a row sees
    which one it is; a column `sentence` is printed as it is. Rows of other tests are not printed, as they may name people, but where
    `meta.is_told` says that they do not. An on-run-end hook.
    results: dbt's results of the run. -#}
{% macro tell_failing_rows(results) -%}
    {%- for result in results if result.node.resource_type == 'test' and result.status in ('fail', 'warn') -%}
        {%- set test = result.node -%}
        {%- if stands_on_seeds(test.depends_on.nodes) or 'tests/warnings/' in test.original_file_path or test.config.meta.get('is_told') -%}
            {%- set rows = run_query('select * from (\n' ~ test.compiled_code ~ '\n) as failing limit 21').rows -%}
            {%- do print('Rows of ' ~ test.name ~ (', the first 20 of ' ~ result.failures if rows | length > 20 else '') ~ ':') -%}
            {%- for row in rows[:20] -%}
                {%- set values = [] -%}
                {%- for name, value in row.items() -%}{%- do values.append(value if name == 'sentence' else name ~ ' ' ~ value) -%}{%- endfor -%}
                {%- do print('  ' ~ values | join(', ')) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Whether nodes are seeds, or models of which seeds are all that they stand on. ids: unique ids of nodes. -#}
{% macro stands_on_seeds(ids) -%}
    {%- for id in ids if not id.startswith('seed.') -%}
        {%- if not id.startswith('model.') or not stands_on_seeds(graph.nodes[id].depends_on.nodes) -%}{{- return(false) -}}{%- endif -%}
    {%- endfor -%}
    {{- return(ids | length > 0) -}}
{%- endmacro %}
