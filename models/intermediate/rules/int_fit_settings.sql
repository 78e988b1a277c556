{{ config(materialized='view') }}

{%- for kind, min_k, max_k, min_population, axes in [
    ('axes', var('min_k'), var('max_k'), var('min_population'), var('axes')),
    ('clusters', var('cluster_count'), var('cluster_count'), var('min_population'), [])
] %}
    select
        '{{ kind }}' as fit_kind,
        {{ as_of() }} as as_of,
        cast({{ min_k }} as bigint) as min_k,
        cast({{ max_k }} as bigint) as max_k,
        cast({{ var('fit_sample') }} as bigint) as fit_sample,
        cast({{ var('silhouette_sample') }} as bigint) as silhouette_sample,
        cast({{ min_population }} as bigint) as min_population,
        cast({{ var('min_silhouette') }} as double precision) as min_silhouette,
        cast({{ var('match_tolerance') }} as double precision) as match_tolerance,
        cast({{ var('refit_days') }} as bigint) as refit_days,
        cast({{ var('refit') }} as boolean) as is_refit_forced,
        cast({{ var('trial_fit') }} as boolean) as is_trial,
        {{ "cast(" ~ var('fit_on_known') ~ " as boolean)" if kind == 'axes' else 'false' }} as is_fit_on_known,
        {{ text_list(axes) }} as axes,
        '{{ var('membership') }}' as membership,
        cast({{ var('membership_entropy') }} as double precision) as membership_entropy,
        cast({{ var('fit_seed') }} as bigint) as seed
    {% if not loop.last %}union all{% endif %}
{%- endfor %}
