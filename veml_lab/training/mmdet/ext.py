"""A stand-in for mmcv's compiled module ``mmcv._ext``, on torchvision's operators.

mmcv-lite installs the Python half of ``mmcv.ops``; only the compiled half is missing, and compiling it
takes a C++ and often a CUDA compiler for many minutes. :func:`install` puts this module in its place, so
that ``import mmdet.models`` works from wheels alone. Kept indices and scores equal those of the compiled
operators. It steps aside where a compiled mmcv is installed. An operator that is not here says so when a
network calls it (deformable convolution v1, rotated boxes, point clouds ...).

The functions take the names and the argument order of the compiled module.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import torch

from ...errors import JobError


def install() -> bool:
    """Use the stand-in unless a compiled mmcv is there; true if the stand-in is in use. Call it before mmdet is
    imported."""
    here = sys.modules[__name__]
    if sys.modules.get("mmcv._ext") is here:
        return True
    if importlib.util.find_spec("mmcv._ext") is not None:
        return False
    import torchvision  # noqa: F401  registers torch.ops.torchvision

    sys.modules["mmcv._ext"] = here
    return True


def __getattr__(name: str) -> Callable[..., Any]:
    if name.startswith("__"):
        raise AttributeError(name)

    def missing(*_: Any, **__: Any) -> Any:
        raise JobError(
            f"this network needs the operator {name!r} of a compiled mmcv; install mmcv in place of mmcv-lite"
        )

    return missing


# -- boxes -----------------------------------------------------------------------------------------------


def nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float, offset: int = 0) -> torch.Tensor:
    """Indices kept, best score first."""
    import torchvision

    if offset:
        boxes = torch.cat([boxes[:, :2], boxes[:, 2:] + offset], 1)
    return torchvision.ops.nms(boxes.float(), scores.float(), iou_threshold)


def softnms(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    dets: torch.Tensor,
    iou_threshold: float,
    sigma: float,
    min_score: float,
    method: int,
    offset: int,
) -> torch.Tensor:
    """Soft NMS: method 0 drops, 1 weighs linearly, 2 by a Gaussian; fills ``dets`` (n, 5) and gives the indices."""
    import torchvision

    left, weighed, index = boxes.clone(), scores.clone(), torch.arange(len(scores))
    kept: list[int] = []
    while len(weighed):
        i = int(weighed.argmax())
        dets[len(kept), :4], dets[len(kept), 4] = left[i], weighed[i]
        kept.append(int(index[i]))
        iou = torchvision.ops.box_iou(left[i : i + 1], left)[0]
        if method == 0:
            weight = (iou < iou_threshold).to(weighed)
        elif method == 1:
            weight = torch.where(iou >= iou_threshold, 1 - iou, torch.ones_like(iou))
        else:
            weight = torch.exp(-iou * iou / sigma)
        weighed = weighed * weight
        stays = weighed >= min_score
        stays[i] = False
        left, weighed, index = left[stays], weighed[stays], index[stays]
    return torch.tensor(kept, dtype=torch.long)


def nms_match(dets: torch.Tensor, iou_threshold: float) -> list[list[int]]:
    """Groups of indices: a kept box first, then those that it suppresses."""
    import torchvision

    iou = torchvision.ops.box_iou(dets[:, :4], dets[:, :4])
    order, done, groups = dets[:, 4].argsort(descending=True).tolist(), set(), []
    for i in order:
        if i not in done:
            group = [i] + [j for j in order if j != i and j not in done and iou[i, j] >= iou_threshold]
            done.update(group)
            groups.append(group)
    return groups


# -- regions -----------------------------------------------------------------------------------------------


def roi_align_forward(
    input: torch.Tensor,
    rois: torch.Tensor,
    output: torch.Tensor,
    argmax_y: torch.Tensor,
    argmax_x: torch.Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Average RoIAlign into ``output``."""
    if pool_mode != 1:
        raise JobError("RoIAlign with pool_mode='max' needs a compiled mmcv; use 'avg'")
    output.copy_(
        torch.ops.torchvision.roi_align(
            input, rois.to(input), spatial_scale, aligned_height, aligned_width, sampling_ratio, aligned
        )
    )


def roi_align_backward(
    grad_output: torch.Tensor,
    rois: torch.Tensor,
    argmax_y: torch.Tensor,
    argmax_x: torch.Tensor,
    grad_input: torch.Tensor,
    aligned_height: int,
    aligned_width: int,
    spatial_scale: float,
    sampling_ratio: int,
    pool_mode: int,
    aligned: bool,
) -> None:
    """Gradient of :func:`roi_align_forward` into ``grad_input``."""
    n, c, h, w = grad_input.shape
    grad_input.copy_(
        torch.ops.torchvision._roi_align_backward(
            grad_output,
            rois.to(grad_output),
            spatial_scale,
            aligned_height,
            aligned_width,
            n,
            c,
            h,
            w,
            sampling_ratio,
            aligned,
        )
    )


def roi_pool_forward(
    input: torch.Tensor,
    rois: torch.Tensor,
    output: torch.Tensor,
    argmax: torch.Tensor,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
) -> None:
    """RoIPool into ``output`` and ``argmax``."""
    pooled, where = torch.ops.torchvision.roi_pool(input, rois, spatial_scale, pooled_height, pooled_width)
    output.copy_(pooled)
    argmax.copy_(where)


def roi_pool_backward(
    grad_output: torch.Tensor,
    rois: torch.Tensor,
    argmax: torch.Tensor,
    grad_input: torch.Tensor,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
) -> None:
    """Gradient of :func:`roi_pool_forward` into ``grad_input``."""
    n, c, h, w = grad_input.shape
    grad_input.copy_(
        torch.ops.torchvision._roi_pool_backward(
            grad_output, rois, argmax, spatial_scale, pooled_height, pooled_width, n, c, h, w
        )
    )


# -- losses ------------------------------------------------------------------------------------------------


def _focal(x: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, gamma: float, alpha: float) -> torch.Tensor:
    t = torch.nn.functional.one_hot(target, x.shape[1] + 1)[:, : x.shape[1]].to(
        x
    )  # the last class is background: all zeros
    p = x.sigmoid()
    cross = torch.nn.functional.binary_cross_entropy_with_logits(x, t, reduction="none")
    loss = (alpha * t + (1 - alpha) * (1 - t)) * (1 - (p * t + (1 - p) * (1 - t))) ** gamma * cross
    return loss if weight.numel() == 0 else loss * weight


def sigmoid_focal_loss_forward(
    input: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, output: torch.Tensor, gamma: float, alpha: float
) -> None:
    """Focal loss (n, c) into ``output``."""
    output.copy_(_focal(input, target, weight, gamma, alpha))


def sigmoid_focal_loss_backward(
    input: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor,
    grad_input: torch.Tensor,
    gamma: float,
    alpha: float,
) -> None:
    """Its gradient into ``grad_input``."""
    with torch.enable_grad():
        x = input.detach().requires_grad_()
        grad_input.copy_(torch.autograd.grad(_focal(x, target, weight, gamma, alpha).sum(), x)[0])


# -- deformable convolution and attention ------------------------------------------------------------------


def _deformable(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    offset: torch.Tensor,
    mask: torch.Tensor,
    s: tuple[int, int],
    p: tuple[int, int],
    d: tuple[int, int],
    groups: int,
    deformable_groups: int,
    with_bias: bool,
) -> torch.Tensor:
    b = bias if with_bias else weight.new_zeros(weight.shape[0])
    return torch.ops.torchvision.deform_conv2d(
        input, weight, offset, mask, b, *s, *p, *d, groups, deformable_groups, True
    )


def modulated_deform_conv_forward(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    ones: torch.Tensor,
    offset: torch.Tensor,
    mask: torch.Tensor,
    output: torch.Tensor,
    columns: torch.Tensor,
    kernel_h: int,
    kernel_w: int,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    group: int,
    deformable_group: int,
    with_bias: bool,
) -> None:
    """Deformable convolution v2 into ``output``."""
    made = _deformable(
        input,
        weight,
        bias,
        offset,
        mask,
        (stride_h, stride_w),
        (pad_h, pad_w),
        (dilation_h, dilation_w),
        group,
        deformable_group,
        with_bias,
    )
    output.copy_(made.view_as(output))


def modulated_deform_conv_backward(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    ones: torch.Tensor,
    offset: torch.Tensor,
    mask: torch.Tensor,
    columns: torch.Tensor,
    grad_input: torch.Tensor,
    grad_weight: torch.Tensor,
    grad_bias: torch.Tensor,
    grad_offset: torch.Tensor,
    grad_mask: torch.Tensor,
    grad_output: torch.Tensor,
    kernel_h: int,
    kernel_w: int,
    stride_h: int,
    stride_w: int,
    pad_h: int,
    pad_w: int,
    dilation_h: int,
    dilation_w: int,
    group: int,
    deformable_group: int,
    with_bias: bool,
) -> None:
    """Its gradients, by running it again under autograd."""
    with torch.enable_grad():
        x, w, o, m = (t.detach().requires_grad_() for t in (input, weight, offset, mask))
        b = bias.detach().requires_grad_(with_bias)
        y = _deformable(
            x,
            w,
            b,
            o,
            m,
            (stride_h, stride_w),
            (pad_h, pad_w),
            (dilation_h, dilation_w),
            group,
            deformable_group,
            with_bias,
        )
        gradients = torch.autograd.grad(y, [x, w, o, m, *([b] if with_bias else [])], grad_output)
    for place, value in zip((grad_input, grad_weight, grad_offset, grad_mask), gradients, strict=False):
        place.copy_(value)
    if with_bias:
        grad_bias.copy_(gradients[4])


def _attention(
    value: torch.Tensor, shapes: torch.Tensor, locations: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch

    return multi_scale_deformable_attn_pytorch(value, shapes, locations, weights)


def ms_deform_attn_forward(
    value: torch.Tensor,
    shapes: torch.Tensor,
    starts: torch.Tensor,
    locations: torch.Tensor,
    weights: torch.Tensor,
    im2col_step: int,
) -> torch.Tensor:
    """Multi-scale deformable attention, by mmcv's own PyTorch path (which mmcv takes by itself only on a CPU)."""
    return _attention(value, shapes, locations, weights)


def ms_deform_attn_backward(
    value: torch.Tensor,
    shapes: torch.Tensor,
    starts: torch.Tensor,
    locations: torch.Tensor,
    weights: torch.Tensor,
    grad_output: torch.Tensor,
    grad_value: torch.Tensor,
    grad_locations: torch.Tensor,
    grad_weights: torch.Tensor,
    im2col_step: int,
) -> None:
    """Its gradients, by running it again under autograd."""
    with torch.enable_grad():
        v, at, w = (t.detach().requires_grad_() for t in (value, locations, weights))
        gradients = torch.autograd.grad(_attention(v, shapes, at, w), (v, at, w), grad_output)
    for place, made in zip((grad_value, grad_locations, grad_weights), gradients, strict=True):
        place.copy_(made)
