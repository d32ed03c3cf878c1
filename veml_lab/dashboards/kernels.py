"""Kernels of a dashboard: one stands ready for the next visitor, and is not taken for one that a visitor left."""

from __future__ import annotations

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager


class VisitorKernels(AsyncMappingKernelManager):
    """Voila's pool of preheated kernels is made on top of this class.

    A kernel that waits in the pool is idle and nobody is connected to it: without this it would be ended after
    the time that a visitor may be away, and the pool would stay empty.
    """

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody uses any more, unless it waits for a visitor."""
        if kernel_id not in self._waiting():
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
