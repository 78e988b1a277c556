{#- When a run begins: stops it where models of this project read what another project made. dbt takes a name for the root
    project's own first, so that there a model `sessions` would stand for the visits of this one. Seeds that
    are disabled here may be there: the YAML of this project describes those then. -#}
{% macro refuse_nodes_of_others() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set found = [] -%}
        {%- for node in graph.nodes.values() if node.package_name == 'tessera' and node.resource_type == 'model' -%}
            {%- for other in node.depends_on.nodes if '.tessera.' not in other -%}
                {%- set kind, package, name = other.split('.', 2) -%}
                {%- if not (graph.nodes.get(other, {}).patch_path or '').startswith('tessera://seeds/') -%}
                    {%- do found.append(kind ~ ' ' ~ name ~ ' of ' ~ package) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if found -%}
            {{- exceptions.raise_compiler_error(
                'Models of the package tessera would read, by their names, what is not its own: ' ~ found | unique | sort | join(', ')
                ~ '. Give those other names (an alias keeps the name of the table).'
            ) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
