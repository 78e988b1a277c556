-- Who reads this, and how.
{{ config(materialized='view') }}
select
    current_user::text as reads_as,
    session_user::text as connected_as,
    current_setting('search_path') as search_path,
    current_setting('application_name') as application_name,
    current_schemas(false)::text as schemas
