{#- Writes into segmentation_runs what became of tonight's fits: a row per store where one was made, and a row for every store
    where it failed. An on-run-end hook, because a model that fails writes nothing; a night run again replaces its rows, and a run that is no night writes none.
    results: dbt's results of the run. -#}
{% macro record_segmentation_runs(results) -%}
    {%- set stores = ref('stg_stores') -%}
    {%- set runs = adapter.get_relation(target.database, target.schema, 'segmentation_runs') if execute else none -%}
    {%- if runs is not none and is_night() -%}
        {%- for result in results if result.node.name in segmentation_models() -%}
            {%- set model = segmentation_models()[result.node.name] -%}
            {%- if result.status in ('success', 'error') %}
                delete from {{ runs }} where fit_model = '{{ result.node.name }}' and as_of = {{ as_of() }};
                insert into {{ runs }} (
                    store_id, fit_model, as_of, algorithm, parameters, status, segments_created, segment_count, people, seconds, error
                )
                {{ segmentation_run_rows(result, model, stores) }};
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The models that make segments, and what each is asked for. -#}
{% macro segmentation_models() -%}
    {%- set shared = {'fit_sample': var('fit_sample'), 'silhouette_sample': var('silhouette_sample'), 'seed': var('fit_seed')} -%}
    {{- return({
        'axis_segments': dict(shared, min_k=var('min_k'), max_k=var('max_k'), min_population=var('min_population')),
        'cluster_segments': dict(shared, k=var('cluster_count')),
    }) -}}
{%- endmacro %}

{#- The rows of one model's run: from its ledger where it went well, else one per store with the reason. -#}
{% macro segmentation_run_rows(result, parameters, stores) -%}
    {%- set run -%}
        '{{ result.node.name }}' as fit_model,
        {{ as_of() }} as as_of,
        'kmeans' as algorithm,
        cast({{ sql_text(tojson(parameters, sort_keys=true)) }} as {{ json_type() }}) as parameters
    {%- endset -%}
    {%- set seconds = 'cast(' ~ result.execution_time | round(3) ~ ' as double precision)' -%}
    {%- if result.status == 'success' -%}
        select
            store_id,
            {{ run }},
            'completed' as status,
            cast(sum(case when change_type in ('born', 'split') then 1 else 0 end) as bigint) as segments_created,
            cast(sum(case when is_current then 1 else 0 end) as bigint) as segment_count,
            cast(max(population) as bigint) as people,
            {{ seconds }} as seconds,
            cast(null as text) as error
        from {{ adapter.get_relation(result.node.database, result.node.schema, result.node.alias) }}
        where as_of = {{ as_of() }} and not is_trial
        group by store_id
    {%- else -%}
        select
            store_id,
            {{ run }},
            'failed' as status,
            cast(0 as bigint) as segments_created,
            cast(null as bigint) as segment_count,
            cast(null as bigint) as people,
            {{ seconds }} as seconds,
            {{ sql_text((result.message or 'no reason given')[:2000]) }} as error
        from {{ stores }}
    {%- endif -%}
{%- endmacro %}
