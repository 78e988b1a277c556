{#- Writes a segment's contacts to a file, whole or not at all, as `tessera export` does: rows, or the requests of a tool's API. It sends
    nothing. segment: id, slug or name, or all; format: csv, jsonl, parquet, klaviyo, braze, hubspot, meta or google; path: the file; since: the
    night that the tool was told last; list, account: what the tool gave.
    Example: dbt run-operation export_segment --args '{segment: champions, store: store_1, format: klaviyo}' -#}
{% macro export_segment(segment, format='csv', store=none, destination=none, since=none, path=none, list='', account='') -%}
    {%- if execute -%}
        {%- do print(adapter.export_segment(
            segment, format, path, since, store=store, destination=destination, members=list | string, account=account | string
        )) -%}
    {%- endif -%}
{%- endmacro %}
