"""Predictions of a library itself: predict_by_library.py SCRIPT JOB FEATURES

SCRIPT is a program of examples/python, JOB the folder of a run of it, FEATURES a JSON of rows by name. It fits the model again as the
script does, and prints the prediction of each row and the digest of the model that the script would write.
"""

import importlib.util
import json
import sys
from pathlib import Path

import pandas

script, folder, rows = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
spec = importlib.util.spec_from_file_location(script.stem, script)
program = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)

job = json.loads((folder / "job.json").read_text())
job.update({part: str(folder / "data" / f"{part}.parquet") for part in ("train", "validate")})
model = program.fit(job)

frame = pandas.DataFrame(rows)
frame[job["label"]] = 0.0
path = folder / "asked.parquet"
frame.to_parquet(path)
features = program.rows_of(path, job)
if script.stem == "train_scikit_learn":
    scores = model.predict_proba(features[0])[:, 1]
else:
    scores = model.predict(features if script.stem == "train_xgboost" else features[0])
print(json.dumps([float(score) for score in scores]))
