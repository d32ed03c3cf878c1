"""A training backend without a network: the class whose mean colour is nearest."""

import numpy as np

from veml_lab.training import Prediction

from . import BACKEND


class AcmeBackend:
    declaration = BACKEND

    def complete(self, recipe):
        return {
            "size_px": [16, 16],
            **recipe,
            "parameters": 3 * recipe["num_classes"],
            "architecture": "nearest-colour",
        }

    def epochs(self, recipe, hyper):
        return hyper.get("epochs", self.declaration.defaults()["epochs"])

    def fit(self, task, report):
        from safetensors.numpy import save_file

        task = task.filled(self.declaration)
        x = colours(task.recipe, task.data)
        names = [task.data.classes[t] for t in task.data.annotations.targets()]
        means = np.stack([x[[n == c for n in names]].mean(0) for c in task.recipe["classes"]])
        weights = {"means": means, "sharpness": np.array([task.hyper["sharpness"]], np.float32)}
        metrics = {}
        for epoch in range(1, task.hyper["epochs"] + 1):
            save_file(weights, task.folder / "model.safetensors")
            report.step(epoch, samples=len(x), loss=float(np.linalg.norm(x - x.mean(0))))
            if task.validation is not None:
                found = self.predict(task.recipe, task.folder / "model.safetensors", task.validation)
                metrics = self.measure(found, task.validation)
            report.epoch(epoch, epoch, **metrics)
        return {**metrics, "steps": task.hyper["epochs"], "reused": [], "fresh": ["means"]}

    def predict(self, recipe, checkpoint, data, *, progress=False):
        z = logits(checkpoint, colours(recipe, data))
        e = np.exp(z - z.max(1, keepdims=True))
        return Prediction(tuple(recipe["classes"]), probabilities=(e / e.sum(1, keepdims=True)).astype(np.float32))

    def measure(self, prediction, data):
        names = np.array([data.classes[t] for t in data.annotations.targets()])
        said = np.array(prediction.classes)[prediction.probabilities.argmax(1)]
        return {"accuracy": float((said == names).mean())}

    def export(self, recipe, checkpoint, file):
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        means, sharpness = read(checkpoint)
        w, h = recipe["size_px"]
        # -s |x - m|^2 = 2 s x.m - s |m|^2 - s |x|^2, whose last term is the same for every class
        weights = {"w": 2 * sharpness * means.T, "b": -sharpness * (means**2).sum(1)}
        nodes = [
            helper.make_node("ReduceMean", ["image"], ["colour"], axes=[2, 3], keepdims=0),
            helper.make_node("MatMul", ["colour", "w"], ["product"]),
            helper.make_node("Add", ["product", "b"], ["logits"]),
        ]
        graph = helper.make_graph(
            nodes,
            "acme",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, h, w])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(means)])],
            [numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()],
        )
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
        return {"format": "onnx", "opset": 17, "size_px": [w, h], "outputs": ["logits"], "quantize": None}

    def runner(self, recipe, graph):
        return lambda image: {"logits": graph.run({"image": np.asarray(image, np.float32)[None] / 255})["logits"][0]}

    def original(self, recipe, checkpoint):
        means, sharpness = read(checkpoint)

        def run(image):
            colour = np.asarray(image, np.float32).mean((1, 2)) / 255
            return {"logits": 2 * sharpness * means @ colour - sharpness * (means**2).sum(1)}

        return run


def read(checkpoint):
    from safetensors.numpy import load_file

    found = load_file(checkpoint)
    return found["means"], float(found["sharpness"][0])


def colours(recipe, data):
    """Mean colours of a version's pictures, float32 (n, 3) in 0 ... 1."""
    images = data.to_torch(size_px=tuple(recipe["size_px"]), labelled=False)
    return np.stack([images.image(p).numpy().mean((1, 2)) / 255 for p in range(len(data))]).astype(np.float32)


def logits(checkpoint, x):
    means, sharpness = read(checkpoint)
    return -sharpness * ((x[:, None] - means[None]) ** 2).sum(-1)
