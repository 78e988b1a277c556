def model(dbt, session):
    frame = dbt.source("raw", "big").df()
    frame["id"] += 1
    return frame
