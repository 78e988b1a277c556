-- Who reads this, and how.
{{ config(materialized='view') }}
select
    cast(current_user as text) as reads_as,
    cast(session_user as text) as connected_as,
    current_setting('search_path') as search_path,
    current_setting('application_name') as application_name,
    cast(current_schemas(false) as text) as schemas
