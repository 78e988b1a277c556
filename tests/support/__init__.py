"""What tests share: databases to build in, dbt in a process that stays, and worlds that are planted into a shop."""
