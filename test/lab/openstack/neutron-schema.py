"""Makes the tables of Neutron's models in an SQLite database: neutron-schema.py sqlite:////path/neutron.sqlite

As Neutron's own unit tests do: the migrations of neutron-db-manage cannot run on SQLite (no ALTER of constraints there).
"""
import sys

import sqlalchemy
from neutron.db.migration.models import head  # imports every model

engine = sqlalchemy.create_engine(sys.argv[1])
head.get_metadata().create_all(engine)
with engine.connect() as connection:
    connection.exec_driver_sql('PRAGMA journal_mode=WAL')
