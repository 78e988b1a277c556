from tessera.axes import score_archetypes


def model(dbt, session):
    archetypes = dbt.ref("int_archetypes").to_arrow_table()
    segments = dbt.ref("int_axis_segments").filter("is_current").to_arrow_table()
    people = dbt.ref("int_archetype_tuples").to_arrow_reader(65_536)
    return score_archetypes(people, archetypes, segments)
