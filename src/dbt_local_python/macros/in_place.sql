{#- How a table of Postgres gets new rows without going away. dbt's own way is to build a table beside it, and to drop the
    old one: with it go the views that stand on it, what was granted on it, and its policies. Here the old table is emptied
    and filled in one transaction, so that whoever reads sees the old rows until all of the new ones are there. -#}

{#- Puts a table that was just built in the place of an existing relation, or of none: its rows, where that is a table;
    itself, where that is a view or lacks a constraint that the new one has. What depends on it is kept either way. -#}
{% macro local_python_put(existing, fresh, target_relation) -%}
  {%- set changes = local_python_changes(existing, fresh) if existing is not none and existing.type == 'table' else none -%}
  {%- if existing is none -%}
    {%- do create_indexes(fresh) -%}
    {%- do adapter.rename_relation(fresh, target_relation) -%}
  {%- elif changes is none -%}
    {%- do local_python_swap(existing, fresh, target_relation) -%}
  {%- else -%}
    {%- set alters = [] -%}
    {%- for name in changes.dropped -%}{%- do alters.append('drop column ' ~ name ~ ' cascade') -%}{%- endfor -%}
    {%- for definition in changes.added -%}{%- do alters.append('add column ' ~ definition) -%}{%- endfor -%}
    {%- set dependents = local_python_set_aside(existing) if changes.dropped else [] -%}
    {%- call statement('in_place') -%}
      {#- A policy that hides rows from whoever builds would keep them from being deleted: that is an error, and not in silence. -#}
      set local row_security = off;
      delete from {{ target_relation }};
      {%- if alters %}
      alter table {{ target_relation }} {{ alters | join(', ') }};
      {%- endif %}
      insert into {{ target_relation }} ({{ changes.columns | join(', ') }}) select {{ changes.columns | join(', ') }} from {{ fresh }};
    {%- endcall -%}
    {%- do adapter.drop_relation(fresh) -%}
    {%- do local_python_create_indexes(target_relation) -%}
    {%- do local_python_put_back(dependents) -%}
  {%- endif -%}
{%- endmacro %}


{#- The statement that builds a table whose rows are put into another: no need to log them twice. -#}
{% macro local_python_create_table(relation, sql) -%}
  {{ config.get('sql_header', none) or '' }}
  create unlogged table {{ relation }}
  {%- set contract = config.get('contract') -%}
  {%- if contract and contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} ({{ adapter.dispatch('get_column_names', 'dbt')() }}) ({{ get_select_subquery(sql) }});
  {%- else %}
    as ({{ sql }});
  {%- endif %}
{%- endmacro %}


{#- What has to change in an existing table before it can hold the rows of a new one: {'columns': all of them, 'dropped':
    names, 'added': definitions}. None where it cannot: it is logged otherwise, lacks a constraint, or other tables refer
    to it. What it has beyond that, such as a constraint or an index that somebody added, does not matter. -#}
{% macro local_python_changes(existing, fresh) -%}
  {%- set old, new = "'" ~ existing ~ "'::regclass", "'" ~ fresh ~ "'::regclass" -%}
  {%- set persistence = 'u' if config.get('unlogged', default=false) else 'p' -%}
  {%- set fits = run_query("
    select
      (select relpersistence from pg_class where oid = " ~ old ~ ") = '" ~ persistence ~ "'
      and not exists (select from pg_constraint where confrelid = " ~ old ~ " and conrelid <> " ~ old ~ ")
      and not exists (
        select pg_get_constraintdef(oid) from pg_constraint where conrelid = " ~ new ~ " and contype <> 'n'
        except select pg_get_constraintdef(oid) from pg_constraint where conrelid = " ~ old ~ "
      )
      and not exists (
        select from pg_attribute as fresh join pg_attribute as existing on existing.attname = fresh.attname
        where fresh.attrelid = " ~ new ~ " and existing.attrelid = " ~ old ~ " and fresh.attnum > 0
          and fresh.attnotnull and not existing.attnotnull
      )
  ").rows[0][0] -%}
  {%- if not fits -%}{{- return(none) -}}{%- endif -%}
  {%- set changes = {'columns': [], 'dropped': [], 'added': []} -%}
  {%- for name, old_type, new_type, not_null in run_query("
    with columns as (
      select
        attrelid,
        attnum,
        quote_ident(attname) as name,
        format_type(atttypid, atttypmod)
        || case when attcollation <> typcollation then ' collate ' || attcollation::regcollation::text else '' end as type,
        case when attnotnull then ' not null' else '' end as not_null
      from pg_attribute join pg_type on pg_type.oid = atttypid
      where attnum > 0 and not attisdropped
    )
    select name, existing.type, fresh.type, coalesce(fresh.not_null, '')
    from (select * from columns where attrelid = " ~ old ~ ") as existing
    full join (select * from columns where attrelid = " ~ new ~ ") as fresh using (name)
    order by fresh.attnum
  ").rows -%}
    {%- if new_type is not none -%}{%- do changes.columns.append(name) -%}{%- endif -%}
    {%- if old_type != new_type -%}
      {%- if old_type is not none -%}{%- do changes.dropped.append(name) -%}{%- endif -%}
      {%- if new_type is not none -%}{%- do changes.added.append(name ~ ' ' ~ new_type ~ not_null) -%}{%- endif -%}
    {%- endif -%}
  {%- endfor -%}
  {{- return(changes) -}}
{%- endmacro %}


{#- Gives a new table the name of an existing relation, which is dropped, with what was granted on that. -#}
{% macro local_python_swap(existing, fresh, target_relation) -%}
  {%- set dependents = local_python_set_aside(existing) -%}
  {%- set grants = local_python_grants(existing, target_relation) -%}
  {%- if not config.get('unlogged', default=false) -%}
    {%- call statement('set_logged') -%}alter table {{ fresh }} set logged{%- endcall -%}
  {%- endif -%}
  {%- do create_indexes(fresh) -%}
  {%- do adapter.drop_relation(existing) -%}
  {%- do adapter.rename_relation(fresh, target_relation) -%}
  {%- if grants -%}{%- call statement('grants') -%}{{ grants | join('; ') }}{%- endcall -%}{%- endif -%}
  {%- do local_python_put_back(dependents) -%}
{%- endmacro %}


{#- The statements that grant on one relation what others may do with another. -#}
{% macro local_python_grants(relation, target_relation) -%}
  {%- set statements = [] -%}
  {%- for privilege, grantee, option in run_query("
    select
      privilege_type,
      case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
      case when is_grantable then ' with grant option' else '' end
    from pg_class, aclexplode(relacl)
    where pg_class.oid = '" ~ relation ~ "'::regclass and grantee <> relowner
  ").rows -%}
    {%- do statements.append('grant ' ~ privilege ~ ' on ' ~ target_relation ~ ' to ' ~ grantee ~ option) -%}
  {%- endfor -%}
  {{- return(statements) -}}
{%- endmacro %}


{#- Frees a relation of the views that stand on it, dbt's and others': until local_python_put_back, in the same transaction,
    each has its columns and reads nothing. So it keeps its owner, its grants and its comment. Returns all that depends on
    the relation. What is furthest from it comes first: readers lock in that order too, and nobody waits for each other.
    Materialized views, and views of owners whom the profile's role is no member of, cannot be set aside. One thread at a time:
    a view may stand on two tables, and cannot be looked at while another thread drops one of them. -#}
{% macro local_python_set_aside(relation) -%}
  {%- do run_query("select pg_advisory_xact_lock(hashtext('local_python_set_aside'))") -%}
  {%- set dependents = [] -%}
  {%- for schema, name, type, definition, nothing, is_replaceable in run_query("
    with recursive found as (
      select '" ~ relation ~ "'::regclass::oid as oid, 0 as distance
      union
      select pg_rewrite.ev_class, found.distance + 1
      from found
      join pg_depend on pg_depend.refclassid = 'pg_class'::regclass and pg_depend.refobjid = found.oid
        and pg_depend.classid = 'pg_rewrite'::regclass
      join pg_rewrite on pg_rewrite.oid = pg_depend.objid and pg_rewrite.ev_class <> found.oid
    ),
    dependents as (
      select oid, max(distance) as distance from found where distance > 0 group by oid
    )
    select
      nspname,
      relname,
      case relkind when 'v' then 'view' else 'materialized_view' end,
      coalesce('with (' || array_to_string(reloptions, ', ') || ') ', '') || 'as ' || pg_get_viewdef(dependents.oid),
      (
        select 'as select ' || string_agg(format(
          'cast(null as %s)%s as %I', format_type(atttypid, atttypmod),
          case when attcollation <> typcollation then ' collate ' || attcollation::regcollation::text else '' end, attname
        ), ', ' order by attnum)
        from pg_attribute join pg_type on pg_type.oid = atttypid
        where attrelid = dependents.oid and attnum > 0
      ),
      relkind = 'v' and pg_has_role(relowner, 'usage')
    from dependents
    join pg_class on pg_class.oid = dependents.oid and relkind in ('v', 'm')
    join pg_namespace on pg_namespace.oid = relnamespace
    order by distance desc
  ").rows -%}
    {%- do dependents.append({
      'relation': api.Relation.create(database=relation.database, schema=schema, identifier=name, type=type),
      'definition': definition, 'nothing': nothing, 'is_replaceable': is_replaceable
    }) -%}
  {%- endfor -%}
  {%- set replaceable = dependents | selectattr('is_replaceable') | list -%}
  {%- if replaceable -%}
    {%- call statement('set_aside') -%}
      {%- for view in replaceable %}create or replace view {{ view.relation }} {{ view.nothing }};
      {% endfor -%}
    {%- endcall -%}
  {%- endif -%}
  {{- return(dependents) -}}
{%- endmacro %}


{#- Makes the views again that were set aside. One that asks for a column that is no longer there, or has another type, cannot
    be: it is dropped, and a warning says so. -#}
{% macro local_python_put_back(dependents) -%}
  {%- set replaceable = dependents | selectattr('is_replaceable') | list -%}
  {%- if replaceable -%}
    {%- call statement('put_back') -%}
      do $put_back$
      begin
      {%- for view in replaceable | reverse %}
        begin
          execute $view$create or replace view {{ view.relation }} {{ view.definition }}$view$;
        exception when others then
          execute $view$drop view if exists {{ view.relation }} cascade$view$;
        end;
      {%- endfor %}
      end $put_back$;
    {%- endcall -%}
  {%- endif -%}
  {#- dbt's cache takes all of them for dropped. -#}
  {%- for dependent in dependents -%}
    {%- if run_query("select to_regclass('" ~ dependent.relation ~ "') is null").rows[0][0] -%}
      {%- do adapter.cache_dropped(dependent.relation) -%}
      {%- do exceptions.warn('The view ' ~ dependent.relation ~ ' was dropped: columns of ' ~ this ~ ' that it reads have changed.') -%}
    {%- else -%}
      {%- do adapter.cache_added(dependent.relation) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}


{#- Creates the indexes of the model's config that the table does not have. -#}
{% macro local_python_create_indexes(relation) -%}
  {%- set wanted = config.get('indexes', default=[]) -%}
  {%- if wanted -%}
    {%- set there = [] -%}
    {%- for row in run_query(get_show_indexes_sql(relation)).rows -%}
      {%- do there.append((row[1], row[2], row[3].split(',') | sort)) -%}
    {%- endfor -%}
    {%- for index in wanted -%}
      {%- set asked = adapter.parse_index(index) -%}
      {%- if (asked.type or 'btree', asked.unique, asked.columns | sort) not in there -%}
        {%- call statement('create_index') -%}{{ get_create_index_sql(relation, index) }}{%- endcall -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
