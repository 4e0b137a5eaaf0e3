"""Models of LightGBM, XGBoost and ONNX with what each library predicts: model_formats.py FOLDER [FILE]

For each case it writes the file of a model, rows (float64, row by row), margins and scores (float64) of each row, and one line of
cases.json that says what they are. With FILE, models are small and few, and all of it goes into that one file, bytes as base64: it makes
src/models/inference/formats/checked-models.fixture.json.
"""

import base64
import json
import sys
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
checked = Path(sys.argv[2]) if len(sys.argv) > 2 else None
cases = []
ROWS, INPUTS = (32 if checked else 2000), 8
ROUNDS = 2 if checked else 40
CATEGORY = 4
draw = np.random.default_rng(7)


def table(rows, infinite):
    """Ties, missing values, values that are hardly numbers any more, and categories that are none."""
    x = draw.normal(size=(rows, INPUTS))
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, 2] = np.where(draw.random(rows) < 0.3, 0, x[:, 2])
    x[:, 3] = x[:, 3] * 1e-36
    x[:, CATEGORY] = draw.integers(0, 40, rows)
    x[:, 5] = np.exp(x[:, 5] * 8)
    x[:, 6] = np.where(draw.random(rows) < 0.05, 1e30, x[:, 6])
    x[:, 7] = draw.integers(0, 2, rows)
    missing = draw.random(x.shape) < 0.1
    x[missing] = np.nan
    if infinite:
        x[draw.random(rows) < 0.02, 0] = np.inf
        x[draw.random(rows) < 0.02, 6] = -np.inf
    return x


def strange_categories(x):
    x = x.copy()
    x[draw.random(len(x)) < 0.1, CATEGORY] = 1000
    x[draw.random(len(x)) < 0.05, CATEGORY] = -1
    x[draw.random(len(x)) < 0.05, CATEGORY] = 2.5
    return x


def outcome(x):
    clean = np.nan_to_num(x, nan=0.3, posinf=2, neginf=-2)
    odd = np.isin(clean[:, CATEGORY] % 7, [1, 3, 4])
    return clean[:, 0] + np.sin(3 * clean[:, 1]) + 1.5 * odd + 0.4 * clean[:, 7] + (clean[:, 2] == 0)


train = table(4000, False)
signal = outcome(train) + draw.normal(size=len(train)) * 0.5
binary = (signal > np.median(signal)).astype(float)
classes = np.digitize(signal, np.quantile(signal, [0.3, 0.6])).astype(float)
positive = np.exp(signal / 4)


# Rows whose contributions the library is asked for.
EXPLAINED = 100


def keep(name, file, x, margins, scores, contributions=None, **more):
    """`within` is how far scores may be from the library's, in units of the last place of `precision`.

    `contributions` are those of the first rows: of each output in turn one for each input, and last what is expected of any row."""
    for kind, values in (("rows", x), ("margins", margins), ("scores", scores), ("contributions", contributions)):
        if values is not None:
            np.ascontiguousarray(values, dtype="<f8").tofile(folder / f"{name}.{kind}")
    outputs = 1 if scores.ndim == 1 else scores.shape[1]
    cases.append({"name": name, "file": file, "rows": len(x), "inputs": x.shape[1], "outputs": outputs, **more})


def lightgbm_cases():
    import lightgbm as lgb

    base = {"num_leaves": 6 if checked else 31, "verbose": -1, "num_threads": 1, "seed": 3, "deterministic": True, "min_data_in_leaf": 5}
    grid = {
        "binary": ({"objective": "binary"}, binary),
        "binary-sigmoid": ({"objective": "binary", "sigmoid": 0.7}, binary),
        "binary-zero-missing": ({"objective": "binary", "zero_as_missing": True}, binary),
        "binary-no-missing": ({"objective": "binary", "use_missing": False}, binary),
        "binary-rf": ({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, binary),
        "binary-dart": ({"objective": "binary", "boosting": "dart"}, binary),
        "binary-goss": ({"objective": "binary", "data_sample_strategy": "goss"}, binary),
        "cross-entropy": ({"objective": "cross_entropy"}, binary),
        "cross-entropy-lambda": ({"objective": "cross_entropy_lambda"}, binary),
        "regression": ({"objective": "regression"}, signal),
        "regression-sqrt": ({"objective": "regression", "reg_sqrt": True}, signal),
        "regression-l1": ({"objective": "regression_l1"}, signal),
        "regression-rf": ({"objective": "regression", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, signal),
        "huber": ({"objective": "huber"}, signal),
        "fair": ({"objective": "fair"}, signal),
        "quantile": ({"objective": "quantile", "alpha": 0.8}, signal),
        "mape": ({"objective": "mape"}, positive),
        "poisson": ({"objective": "poisson"}, positive),
        "gamma": ({"objective": "gamma"}, positive),
        "tweedie": ({"objective": "tweedie"}, positive),
        "multiclass": ({"objective": "multiclass", "num_class": 3}, classes),
        "multiclassova": ({"objective": "multiclassova", "num_class": 3}, classes),
        "monotone-deep": ({"objective": "binary", "num_leaves": 200, "monotone_constraints": [1, 0, 0, 0, 0, 0, 0, 0]}, binary),
        "extra-trees": ({"objective": "binary", "extra_trees": True}, binary),
        "one-leaf": ({"objective": "regression", "min_data_in_leaf": 5000}, signal),
    }
    for categorical in (False, True):
        for name, (parameters, labels) in grid.items():
            if categorical and "monotone" in name:
                continue
            data = lgb.Dataset(train, labels, categorical_feature=[CATEGORY] if categorical else [])
            booster = lgb.train({**base, **parameters}, data, ROUNDS)
            full = f"lightgbm-{name}{'-categories' if categorical else ''}"
            booster.save_model(folder / f"{full}.txt")
            x = strange_categories(table(ROWS, True))
            # Of a forest of means the raw score is the sum, which nothing else uses.
            raw = None if parameters.get("boosting") == "rf" else booster.predict(x, raw_score=True)
            contributions = booster.predict(x[:EXPLAINED], pred_contrib=True)
            keep(full, f"{full}.txt", x, raw, booster.predict(x), contributions, precision="float64", within=4)


def xgboost_cases():
    import xgboost as xgb

    base = {"max_depth": 2 if checked else 6, "nthread": 1, "seed": 3, "tree_method": "hist", "eta": 0.2}
    grid = {
        "logistic": ({"objective": "binary:logistic"}, binary),
        "logistic-base": ({"objective": "binary:logistic", "base_score": 0.3}, binary),
        "logitraw": ({"objective": "binary:logitraw"}, binary),
        "hinge": ({"objective": "binary:hinge"}, binary),
        "squared": ({"objective": "reg:squarederror"}, signal),
        "absolute": ({"objective": "reg:absoluteerror"}, signal),
        "pseudohuber": ({"objective": "reg:pseudohubererror"}, signal),
        "quantile": ({"objective": "reg:quantileerror", "quantile_alpha": 0.7}, signal),
        "poisson": ({"objective": "count:poisson"}, np.round(positive)),
        "gamma": ({"objective": "reg:gamma"}, positive),
        "tweedie": ({"objective": "reg:tweedie"}, positive),
        "softprob": ({"objective": "multi:softprob", "num_class": 3}, classes),
        "dart": ({"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.3}, binary),
        "parallel": ({"objective": "binary:logistic", "num_parallel_tree": 3, "subsample": 0.7}, binary),
        "parallel-softprob": ({"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 2, "subsample": 0.7}, classes),
        "lossguide": ({"objective": "binary:logistic", "grow_policy": "lossguide", "max_leaves": 100, "max_depth": 0}, binary),
        "exact": ({"objective": "binary:logistic", "tree_method": "exact"}, binary),
        "stopped": ({"objective": "binary:logistic", "eta": 0.9}, binary),
        "stump": ({"objective": "reg:squarederror", "gamma": 1e9}, signal),
    }
    for categorical in (False, True):
        for name, (parameters, labels) in grid.items():
            if categorical and name == "exact":
                continue
            types = ["q"] * INPUTS
            if categorical:
                types[CATEGORY] = "c"
            names = [f"input {i}" for i in range(INPUTS)]
            some = {"feature_types": types, "feature_names": names}
            data = xgb.DMatrix(train, labels, **some)
            stopped = name == "stopped"
            held = table(1000, False)
            watch = {"evals": [(xgb.DMatrix(held, outcome(held) > 1, **some), "held")], "early_stopping_rounds": 3}
            booster = xgb.train({**base, **parameters}, data, ROUNDS, **(watch if stopped else {}), verbose_eval=False)
            x = table(ROWS, False)
            if categorical:
                x = np.where(np.arange(INPUTS) == CATEGORY, strange_categories(x), x)
                # XGBoost refuses categories below 0.
                x[:, CATEGORY] = np.where(x[:, CATEGORY] < 0, np.nan, x[:, CATEGORY])
            asked = xgb.DMatrix(x, **some)
            until = {"iteration_range": (0, booster.best_iteration + 1)} if stopped else {}
            margins = booster.predict(asked, output_margin=True, **until)
            scores = booster.predict(asked, **until)
            contributions = booster.predict(xgb.DMatrix(x[:EXPLAINED], **some), pred_contribs=True, **until)
            full = f"xgboost-{name}{'-categories' if categorical else ''}"
            for ending in ("json", "ubj"):
                booster.save_model(folder / f"{full}.{ending}")
                within = 16 if "softprob" in name else 2
                keep(f"{full}-{ending}", f"{full}.{ending}", x, margins, scores, contributions, precision="float32", within=within)
    linear = xgb.train({"booster": "gblinear", "objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(train[:, :3], binary), 20)
    linear.save_model(folder / "xgboost-linear.json")
    x = table(ROWS, False)[:, :3]
    contributions = linear.predict(xgb.DMatrix(x[:EXPLAINED]), pred_contribs=True)
    keep("xgboost-linear", "xgboost-linear.json", x, None, linear.predict(xgb.DMatrix(x)), contributions, precision="float32", within=32)


def onnx_cases():
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper
    from skl2onnx import to_onnx
    from sklearn import ensemble, linear_model, pipeline, preprocessing, tree

    clean = np.nan_to_num(np.where(np.abs(train) > 1e20, 3, train)).astype(np.float32)
    some, depth = (2, 2) if checked else (30, 8)
    plain = table(ROWS, True)
    steady = np.nan_to_num(np.where(np.abs(plain) > 1e20, 3, plain), posinf=3, neginf=-3)

    def predicted(model, x, place):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        (given,) = session.get_inputs()
        kind = np.float64 if given.type == "tensor(double)" else np.float32
        answer = session.run(None, {given.name: x.astype(kind)})[place]
        return np.asarray([list(row.values()) for row in answer]) if isinstance(answer, list) else np.asarray(answer)

    def keep_onnx(name, model, x, within, classes=False, exact=False):
        (folder / f"{name}.onnx").write_bytes(model)
        scores = predicted(model, x, 1 if classes else 0).astype(np.float64)
        scores = scores[:, 1] if scores.ndim == 2 and scores.shape[1] == 2 else scores
        scores = scores[:, 0] if scores.ndim == 2 and scores.shape[1] == 1 else scores
        precision = "float64" if name.endswith("double") else "float32"
        keep(name, f"{name}.onnx", x, scores if exact else None, scores, precision=precision, within=within)

    fitted = {
        "boosted-classifier": (ensemble.GradientBoostingClassifier(n_estimators=some, max_depth=3), binary, plain, 16),
        "boosted-classes": (ensemble.GradientBoostingClassifier(n_estimators=some, max_depth=3), classes, plain, 16),
        "boosted-regressor": (ensemble.GradientBoostingRegressor(n_estimators=some), signal, plain, 0),
        "forest-classifier": (ensemble.RandomForestClassifier(some, max_depth=depth), binary, plain, 0),
        "forest-regressor": (ensemble.RandomForestRegressor(some, max_depth=depth), signal, plain, 0),
        "extra-classifier": (ensemble.ExtraTreesClassifier(some, max_depth=depth), binary, plain, 0),
        "extra-classes": (ensemble.ExtraTreesClassifier(some, max_depth=depth), classes, plain, 0),
        "tree-classifier": (tree.DecisionTreeClassifier(max_depth=6), binary, plain, 0),
        "tree-regressor": (tree.DecisionTreeRegressor(max_depth=6), signal, plain, 0),
        "logistic": (linear_model.LogisticRegression(), binary, steady[:, :3], 64),
        "scaled-logistic": (pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), binary, steady[:, :3], 64),
        "ridge": (linear_model.Ridge(), signal, steady[:, :3], 512),
    }
    for name, (model, labels, x, within) in fitted.items():
        if hasattr(model, "random_state"):
            model.set_params(random_state=3)
        inputs = clean[:, : x.shape[1]]
        model.fit(inputs, labels)
        classifies = labels is not signal
        for zipmap in (True, False) if classifies else (True,):
            options = {"options": {id(model): {"zipmap": zipmap}}} if classifies else {}
            graph = to_onnx(model, inputs[:1], target_opset={"": 18, "ai.onnx.ml": 3}, **options)
            full = f"onnx-{name}{'' if zipmap else '-array'}"
            keep_onnx(full, graph.SerializeToString(), x, within, classifies, within == 0)

    def by_hand(name, aggregate, base, modes, ending=()):
        """Trees of one split by each mode, with missing values going either way."""
        nodes = {key: [] for key in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "missing_value_tracks_true")}
        leaves = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
        for number, (mode, tracks) in enumerate((mode, tracks) for mode in modes for tracks in (0, 1)):
            for node, kind in enumerate([mode, "LEAF", "LEAF"]):
                row = (number, node, number % 3, kind, [0.0, 0.1, 0.5][number % 3], 1 if node == 0 else 0, 2 if node == 0 else 0, tracks)
                for key, value in zip(nodes, row):
                    nodes[key].append(value)
                if node > 0:
                    for key, value in zip(leaves, (number, node, 0, 2.0**-number + node / 7)):
                        leaves[key].append(value)
        attributes = {f"nodes_{key}": value for key, value in nodes.items()} | {f"target_{key}": value for key, value in leaves.items()}
        trees = helper.make_node(
            "TreeEnsembleRegressor", ["cast"], ["margin"], domain="ai.onnx.ml", n_targets=1, aggregate_function=aggregate, **attributes, **({"base_values": base} if base else {})
        )
        floats = TensorProto.FLOAT
        graph = helper.make_graph(
            [helper.make_node("Cast", ["rows"], ["cast"], to=floats), trees, *ending],
            "trees",
            [helper.make_tensor_value_info("rows", floats, [None, 3])],
            [helper.make_tensor_value_info(ending[-1].output[0] if ending else "margin", floats, [None, 1])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=8)
        keep_onnx(name, model.SerializeToString(), plain[:, :3], 2 if ending else 0, exact=not ending)

    def ensemble_by_hand(name, kind, aggregate):
        """The operator of version 5: trees of two splits by each mode, sets of members among them."""
        number = np.float32 if kind == TensorProto.FLOAT else np.float64
        nodes = {key: [] for key in ("featureids", "truenodeids", "falsenodeids", "trueleafs", "falseleafs", "missing_value_tracks_true")}
        modes, splits, members, roots, weights = [], [], [], [], []
        for mode in range(7):
            for tracks in (0, 1):
                roots.append(len(modes))
                below = len(modes) + 1
                for top in (True, False):
                    row = (mode % 3 if mode < 6 else 3, below if top else len(weights) + 1, len(weights), 0 if top else 1, 1, tracks)
                    for key, value in zip(nodes, row):
                        nodes[key].append(value)
                    modes.append(mode)
                    splits.append([0.0, 0.1, 0.5][mode % 3] + (0 if top else 0.25))
                    members += [1.0, 5.0, 7.0 if top else 2.0, np.nan] if mode == 6 else []
                    weights += [0.1 * len(weights) - 1] if top else [0.3 * len(weights), 2.0 ** -len(weights)]
        tensor = lambda key, values, of: helper.make_tensor(key, of, [len(values)], np.asarray(values, number if of == kind else np.uint8))
        trees = helper.make_node(
            "TreeEnsemble", ["rows"], ["margin"], domain="ai.onnx.ml", n_targets=1, aggregate_function=aggregate, tree_roots=roots,
            nodes_modes=tensor("modes", modes, TensorProto.UINT8), nodes_splits=tensor("splits", splits, kind), leaf_weights=tensor("weights", weights, kind),
            membership_values=tensor("members", members, kind), leaf_targetids=[0] * len(weights), **{f"nodes_{key}": value for key, value in nodes.items()},
        )
        graph = helper.make_graph([trees], "trees", [helper.make_tensor_value_info("rows", kind, [None, 4])], [helper.make_tensor_value_info("margin", kind, [None, 1])])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 5)], ir_version=10)
        x = plain[:, [0, 1, 7, CATEGORY]]
        x[:, 3] = np.where(x[:, 3] > 9, x[:, 3] % 9, x[:, 3])
        keep_onnx(name, model.SerializeToString(), x, 0, exact=True)

    ensemble_by_hand("onnx-ensemble", TensorProto.FLOAT, 1)
    ensemble_by_hand("onnx-ensemble-average", TensorProto.FLOAT, 0)
    ensemble_by_hand("onnx-ensemble-double", TensorProto.DOUBLE, 1)
    modes = ["BRANCH_LT", "BRANCH_LEQ", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ"]
    for mode in modes:
        by_hand(f"onnx-{mode}", "SUM", [0.3], [mode])
    by_hand("onnx-modes", "SUM", None, modes)
    by_hand("onnx-average", "AVERAGE", [0.25], modes[:4])
    by_hand("onnx-sigmoid", "SUM", [-2.0], modes[:4], [helper.make_node("Sigmoid", ["margin"], ["probability"])])


lightgbm_cases()
xgboost_cases()
onnx_cases()
(folder / "cases.json").write_text(json.dumps(cases))
if checked:
    few = [
        *("lightgbm-binary-categories", "lightgbm-binary-zero-missing", "lightgbm-multiclass", "lightgbm-regression-rf"),
        *("xgboost-logistic-base-categories-json", "xgboost-softprob-ubj", "xgboost-dart-json", "xgboost-stopped-ubj"),
        *("onnx-modes", "onnx-ensemble", "onnx-sigmoid", "onnx-forest-classifier", "onnx-boosted-classes-array", "onnx-scaled-logistic"),
    ]

    def packed(path):
        return base64.b64encode(path.read_bytes()).decode() if path.exists() else None

    kept = [case for case in cases if case["name"] in few]
    for case in kept:
        case["content"] = packed(folder / case["file"])
        for kind in ("rows", "margins", "scores"):
            case[f"{kind}Content"] = packed(folder / f"{case['name']}.{kind}")
    checked.write_text(json.dumps(kept, indent=2) + "\n")
