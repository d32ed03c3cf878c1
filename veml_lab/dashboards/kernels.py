"""Kernels of a dashboard: one stands ready for the next visitor, and is not taken for one that a visitor left."""

from __future__ import annotations

from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Set


class VisitorKernels(AsyncMappingKernelManager):
    """Voila's pool of preheated kernels is made on top of this class.

    A kernel that waits in the pool is idle and nobody is connected to it: without this it would be ended after
    the time that a visitor may be away, and the pool would stay empty.
    """

    _handed_over = Set()

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody uses any more, unless it waits for a visitor or has just been given to one.

        What it waited is not the visitor's time: his browser may need some seconds before it connects.
        """
        if kernel_id in self._waiting():
            return
        if kernel_id not in self._handed_over:
            self._handed_over = (self._handed_over & set(self._kernels)) | {kernel_id}
            self._kernels[kernel_id].last_activity = utcnow()
            return
        await super().cull_kernel_if_idle(kernel_id)

    def _waiting(self) -> set[str]:
        pools = getattr(self, "_pools", {})
        made = [
            task
            for pool in pools.values()
            for task in pool
            if task.done() and not task.cancelled() and task.exception() is None
        ]
        return {task.result()["kernel_id"] for task in made}
