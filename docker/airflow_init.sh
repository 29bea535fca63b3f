#!/bin/sh
# Everything Airflow needs before its processes start; may be run again at any time.
set -eu
airflow db migrate
airflow pools set warehouse "${WAREHOUSE_POOL_SLOTS:-1}" "Tasks that write to the warehouse: DuckDB has one writer"
umask 077
python - <<'PYTHON'
import json, os, pathlib

path = pathlib.Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
path.write_text(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}) + "\n")
PYTHON
