"""Asks a server with NVIDIA's client, over HTTP and gRPC, and says check by check what came of it.

usage: triton_client.py URL GRPC MODEL ROWS    ROWS: JSON {"inputs": {name: [values]}, "score": [...], "decision": [...]}
"""
import json
import sys

import numpy
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.utils import InferenceServerException

url, grpc_address, model, given = sys.argv[1:5]
given = json.loads(given)
clients = {
    "http": (triton_http, triton_http.InferenceServerClient(url.removeprefix("http://"), concurrency=4)),
    "grpc": (triton_grpc, triton_grpc.InferenceServerClient(grpc_address)),
}
rows = len(given["score"])
results = []


def check(name):
    def run(work):
        try:
            work()
            results.append({"name": name})
        except BaseException as error:  # noqa: BLE001
            results.append({"name": name, "failed": f"{type(error).__name__}: {error}"})

    return run


def inputs(kind, datatype="FP64", binary=True, shape=None, names=None):
    dtype = {"FP64": numpy.float64, "FP32": numpy.float32, "INT64": numpy.int64, "FP16": numpy.float16}[datatype]
    made = []
    for name, values in given["inputs"].items():
        if names is not None and name not in names:
            continue
        data = numpy.array(values, dtype=dtype).reshape(shape or [rows])
        tensor = kind.InferInput(name, list(data.shape), datatype)
        if kind is triton_http:
            tensor.set_data_from_numpy(data, binary_data=binary)
        else:
            tensor.set_data_from_numpy(data)
        made.append(tensor)
    return made


def ids_of(result):
    answer = result.get_response()
    if isinstance(answer, dict):
        return answer["parameters"]["prediction_ids"].split(",")
    return answer.parameters["prediction_ids"].string_param.split(",")


def same(result):
    scores = result.as_numpy("score")
    assert scores.dtype == numpy.float64 and scores.tolist() == given["score"], scores.tolist()
    decisions = [text.decode() if isinstance(text, bytes) else text for text in result.as_numpy("decision").tolist()]
    assert decisions == given["decision"], decisions
    assert len(set(ids_of(result))) == rows and all(ids_of(result)), ids_of(result)


def refused(status, work):
    try:
        work()
    except InferenceServerException as error:
        assert error.status() in status, f"{error.status()}: {error.message()}"
        return
    raise AssertionError("it was not refused")


def rounded(kind, name, values, datatype):
    dtype = {"FP32": numpy.float32, "FP16": numpy.float16, "INT64": numpy.int64}[datatype]
    tensor = kind.InferInput(name, [rows], "FP64")
    tensor.set_data_from_numpy(numpy.array(values, dtype=dtype).astype(numpy.float64))
    return tensor


for over, (kind, client) in clients.items():
    as_json = {} if over == "http" else {"as_json": True}

    @check(f"{over}: health and metadata")
    def _():
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
        assert client.is_model_ready(model, "1")
        server = client.get_server_metadata(**as_json)
        assert server["name"] == "trueline" and "binary_tensor_data" in server["extensions"], server
        metadata = client.get_model_metadata(model, **as_json)
        assert [one["name"] for one in metadata["inputs"]] == list(given["inputs"]), metadata
        assert metadata["versions"] == ["1"] and metadata["platform"] == "trueline_forest", metadata

    @check(f"{over}: infer as the client does it by itself is what predict says, to the bit")
    def _():
        same(client.infer(model, inputs(kind)))

    @check(f"{over}: ids, versions, named outputs and shapes of [rows, 1]")
    def _():
        result = client.infer(
            model,
            inputs(kind, shape=[rows, 1]),
            model_version="1",
            request_id="call 7",
            outputs=[kind.InferRequestedOutput("score")],
        )
        answer = result.get_response() if over == "http" else result.get_response(as_json=True)
        assert answer["id"] == "call 7" and [one["name"] for one in answer["outputs"]] == ["score"], answer
        assert result.as_numpy("score").tolist() == given["score"] and result.as_numpy("decision") is None

    @check(f"{over}: single and half precision stand for the numbers that they are")
    def _():
        for datatype in ["FP32", "FP16", "INT64"]:
            result = client.infer(model, inputs(kind, datatype))
            exact = client.infer(
                model,
                [rounded(kind, name, values, datatype) for name, values in given["inputs"].items()],
            )
            assert result.as_numpy("score").tolist() == exact.as_numpy("score").tolist(), datatype

    @check(f"{over}: compressed requests and answers")
    def _():
        if over == "http":
            for algorithm in ["gzip", "deflate"]:
                same(client.infer(model, inputs(kind), request_compression_algorithm=algorithm))
                same(client.infer(model, inputs(kind), response_compression_algorithm=algorithm))
        else:
            for algorithm in ["gzip", "deflate"]:
                same(client.infer(model, inputs(kind), compression_algorithm=algorithm))

    @check(f"{over}: many requests at once, each with its own rows")
    def _():
        def one(row):
            made = []
            for name, values in given["inputs"].items():
                tensor = kind.InferInput(name, [1], "FP64")
                tensor.set_data_from_numpy(numpy.array([values[row]], dtype=numpy.float64))
                made.append(tensor)
            return made

        if over == "http":
            pending = [(row % rows, client.async_infer(model, one(row % rows))) for row in range(200)]
            answers = [(row, request.get_result()) for row, request in pending]
        else:
            answers = [(row % rows, client.infer(model, one(row % rows))) for row in range(200)]
        for row, result in answers:
            assert result.as_numpy("score").tolist() == [given["score"][row]], row

    @check(f"{over}: errors have their status")
    def _():
        unknown, invalid, unsupported = (
            (["404"], ["400"], ["501"])
            if over == "http"
            else (["StatusCode.NOT_FOUND"], ["StatusCode.INVALID_ARGUMENT"], ["StatusCode.UNIMPLEMENTED"])
        )
        refused(unknown, lambda: client.infer("no_such_model", inputs(kind)))
        refused(unknown, lambda: client.get_model_metadata("no_such_model"))
        refused(unknown, lambda: client.infer(model, inputs(kind), model_version="99"))
        refused(invalid, lambda: client.infer(model, inputs(kind, names=[list(given["inputs"])[0]])))
        refused(invalid, lambda: client.infer(model, inputs(kind, shape=[1, rows])))
        refused(invalid, lambda: client.infer(model, inputs(kind), outputs=[kind.InferRequestedOutput("no_such")]))
        refused(unsupported, lambda: client.infer(model, inputs(kind), sequence_id=7, sequence_start=True))

    @check(f"{over}: statistics")
    def _():
        def count():
            stats = client.get_inference_statistics(model, **as_json)["model_stats"]
            return sum(int(one["inference_count"]) for one in stats)

        before = count()
        client.infer(model, inputs(kind))
        assert count() == before + rows, (before, count())
        assert len(client.get_inference_statistics(**as_json)["model_stats"]) >= 1

    @check(f"{over}: the repository lists, unloads and loads models")
    def _():
        index = client.get_model_repository_index(**as_json)
        entries = index if over == "http" else index["models"]
        assert {"name": model, "version": "1", "state": "READY"}.items() <= entries[0].items(), entries
        client.unload_model(model)
        assert not client.is_model_ready(model)
        refused(["503", "StatusCode.UNAVAILABLE"], lambda: client.infer(model, inputs(kind)))
        client.load_model(model)
        same(client.infer(model, inputs(kind)))
        refused(["404", "StatusCode.NOT_FOUND"], lambda: client.load_model("no_such_model"))


@check("http: tensors in JSON")
def _():
    kind, client = clients["http"]
    outputs = [kind.InferRequestedOutput(name, binary_data=False) for name in ["score", "decision"]]
    same(client.infer(model, inputs(kind, binary=False), outputs=outputs))


@check("http: large whole numbers in JSON are exact or refused")
def _():
    kind, client = clients["http"]
    made = []
    for name in given["inputs"]:
        tensor = kind.InferInput(name, [1], "INT64")
        tensor.set_data_from_numpy(numpy.array([2**53 + 1], dtype=numpy.int64), binary_data=False)
        made.append(tensor)
    refused(["400"], lambda: client.infer(model, made))


@check("grpc: requests in a stream")
def _():
    kind, client = clients["grpc"]
    answers = []
    client.start_stream(lambda result, error: answers.append((result, error)))
    for index in range(20):
        name = "no_such_model" if index == 5 else model
        client.async_stream_infer(name, inputs(kind), request_id=str(index))
    client.stop_stream()
    assert len(answers) == 20, len(answers)
    for index, (result, error) in enumerate(answers):
        if index == 5:
            assert error is not None
        else:
            assert error is None and result.get_response().id == str(index), error
            same(result)


@check("grpc: a deadline")
def _():
    kind, client = clients["grpc"]
    same(client.infer(model, inputs(kind), client_timeout=20))


print(json.dumps(results))
