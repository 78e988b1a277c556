-- If this fails, the longest way from a raw event to a membership has become longer: one hop is a model that waits for another, and
-- each is time until a night is over and a place to look at for who follows a number back. A model that is read beside the way is none.
{%- set longest = {'membership_changes': 28, 'segment_memberships': 31} %}
{%- set hops = {'source.' ~ project_name ~ '.input.events': 0} %}
{%- if execute %}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list %}
    {%- for _ in range(longest.values() | max + 2) %}
        {%- for node in models %}
            {%- for parent in node.depends_on.nodes if parent in hops and hops[parent] >= hops.get(node.unique_id, 0) %}
                {%- do hops.update({node.unique_id: hops[parent] + 1}) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
{%- endif %}
{%- for name, limit in longest.items() %}
    {%- set found = hops.get('model.' ~ project_name ~ '.' ~ name, 0) %}
    select
        '{{ name }}' as model_name,
        {{ found }} as hops,
        {{ limit }} as longest
    where {{ found }} > {{ limit }}
    {%- if not loop.last %}
        union all
    {%- endif %}
{%- endfor %}
