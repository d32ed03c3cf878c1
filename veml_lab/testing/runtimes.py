"""What every runtime keeps: an ONNX file in, named arrays out, in the order and with the names of the file."""

from __future__ import annotations

from pathlib import Path

from ..serving.runtimes import runtime
from .made import refusal


class RuntimeSuite:
    """``name`` names it; its answers are held against NumPy's to ``tolerance``."""

    name: str
    tolerance = 1e-5

    def test_it_computes_what_the_graph_says(self, tmp_path: Path) -> None:
        import numpy as np

        graph = runtime(self.name)(_written(tmp_path / "m.onnx"))
        rng = np.random.default_rng(0)
        for rows in (1, 3):  # the first axis is free
            x = rng.normal(size=(rows, 4)).astype(np.float32)
            found = graph.run({"x": x})
            np.testing.assert_allclose(found["product"], x @ _weights(), atol=self.tolerance)
            np.testing.assert_allclose(found["positive"], np.maximum(x @ _weights(), 0), atol=self.tolerance)

    def test_inputs_and_outputs_have_the_names_and_the_order_of_the_file(self, tmp_path: Path) -> None:
        import numpy as np

        graph = runtime(self.name)(_written(tmp_path / "m.onnx"))
        assert tuple(graph.inputs) == ("x",)
        assert list(graph.run({"x": np.zeros((1, 4), np.float32)})) == ["product", "positive"]

    def test_one_answer_does_not_change_with_the_next(self, tmp_path: Path) -> None:
        import numpy as np

        graph = runtime(self.name)(_written(tmp_path / "m.onnx"))
        first = graph.run({"x": np.ones((1, 4), np.float32)})["product"]
        kept = first.copy()
        graph.run({"x": np.full((1, 4), 7, np.float32)})
        np.testing.assert_array_equal(first, kept)

    def test_a_file_that_is_no_model_is_refused_by_name(self, tmp_path: Path) -> None:
        (tmp_path / "torn.onnx").write_bytes(b"no model at all")
        assert "torn.onnx" in str(refusal(lambda: runtime(self.name)(tmp_path / "torn.onnx")))


def _weights():  # type: ignore[no-untyped-def]
    import numpy as np

    return np.arange(12, dtype=np.float32).reshape(4, 3) - 5


def _written(file: Path) -> Path:
    """``product = x @ w``, ``positive = max(product, 0)``; x is float32 (n, 4)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", 3]) for n in ("product", "positive")]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["product"]), helper.make_node("Relu", ["product"], ["positive"])],
        "suite",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        outputs,
        [numpy_helper.from_array(_weights(), "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    return file
