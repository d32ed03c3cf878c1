import { describe, expect, it } from 'vitest';
import { KernelRpc, NoAnswer, NotLoaded, patiently, within } from '../src/rpc';
import { fakeKernel, until } from './fakes';

describe('KernelRpc', () => {
  it('opens the comm only when the subshell is there, else it would wait for the running cell', async () => {
    const { kernel, order } = fakeKernel({});
    expect((await new KernelRpc(kernel).open()).protocol).toBe(2);
    expect(order).toEqual(['subshell', 'open']);
  });

  it('gives each question its own answer, whatever the order', async () => {
    const { kernel, comms } = fakeKernel({ versions: [1], lineage: [2] });
    const rpc = new KernelRpc(kernel);
    await rpc.open();
    const held: any[] = [];
    const real = comms[0].onMsg;
    comms[0].onMsg = (m: any) => void held.push(m);
    const both = Promise.all([rpc.ask('versions'), rpc.ask('lineage')]);
    await until(() => held.length === 2);
    held.reverse().forEach(m => real(m));
    expect(await both).toEqual([[1], [2]]);
  });

  it('opens on the main shell where the answer about the subshell was lost', async () => {
    const { kernel, order } = fakeKernel({});
    const make = kernel.createComm;
    kernel.createComm = () => Object.assign(make(), { subshellStarted: new Promise(() => undefined) });
    expect((await new KernelRpc(kernel).open(40)).protocol).toBe(2);
    expect(order).toContain('open');
  });

  it('loads by the reply alone: the "idle" after it may be lost while a kernel restarts', async () => {
    const { kernel } = fakeKernel({});
    const run: any = { done: new Promise(() => undefined) };
    kernel.requestExecute = () => run;
    const loaded = new KernelRpc(kernel).load();
    run.onReply({ content: { status: 'ok' } });
    await loaded;
    const failed = new KernelRpc(kernel).load();
    run.onReply({ content: { status: 'error', evalue: 'no module named veml_lab' } });
    await expect(failed).rejects.toThrow('no module named veml_lab');
    await expect(new KernelRpc(kernel).load(20)).rejects.toThrow('does not answer');
  });

  it('waits no longer than it was told, and passes on what came in time', async () => {
    await expect(within(new Promise(() => undefined), 10)).rejects.toThrow('does not answer');
    expect(await within(Promise.resolve(3), 10_000)).toBe(3);
    await expect(within(Promise.reject(new Error('dead')), 10_000)).rejects.toThrow('dead');
  });

  it('passes on an error of the kernel with its words', async () => {
    const rpc = new KernelRpc(fakeKernel({}).kernel);
    await rpc.open();
    await expect(rpc.ask('drop table')).rejects.toThrow('there is no question drop table');
  });

  it('says that a kernel without veml_lab is not loaded', async () => {
    await expect(new KernelRpc(fakeKernel(null).kernel).open()).rejects.toBeInstanceOf(NotLoaded);
  });

  it('gives up on a kernel that does not answer', async () => {
    const { kernel, comms } = fakeKernel({ versions: [] });
    const rpc = new KernelRpc(kernel);
    await rpc.open();
    comms[0].send = () => undefined;
    await expect(rpc.ask('versions', {}, 20)).rejects.toBeInstanceOf(NoAnswer);
  });

  it('asks again while the kernel does not answer, until it does, or nobody wants to know', async () => {
    let asked = 0, late = 0;
    const ask = () => (++asked < 3 ? Promise.reject(new NoAnswer('busy')) : Promise.resolve(7));
    expect(await patiently(ask, () => true, () => late++)).toBe(7);
    expect([asked, late]).toEqual([3, 2]);
    await expect(patiently(() => Promise.reject(new NoAnswer('busy')), () => false)).rejects.toThrow('busy');
    asked = 0;
    await expect(patiently(() => { asked++; return Promise.reject(new Error('no such version')); }, () => true)).rejects.toThrow('no such version');
    expect(asked).toBe(1);
  });

  it('answers what is still open when it is disposed, and closes its comm', async () => {
    const { kernel, comms } = fakeKernel({ versions: [] });
    const rpc = new KernelRpc(kernel);
    await rpc.open();
    comms[0].send = () => undefined;
    const asked = rpc.ask('versions');
    rpc.dispose();
    await expect(asked).rejects.toThrow('closed');
    expect(comms[0].isDisposed).toBe(true);
  });

  it('gives the binary parts of an answer as views of their bytes', async () => {
    const { kernel, comms } = fakeKernel({});
    const rpc = new KernelRpc(kernel);
    await rpc.open();
    comms[0].send = (d: any) => comms[0].onMsg({ content: { data: { id: d.id, result: { n: 1 } } }, buffers: [new Uint8Array([7, 8, 9]).subarray(1)] });
    const { result, buffers } = await rpc.askPacked<{ n: number }>('view');
    expect(result.n).toBe(1);
    expect([buffers[0].byteLength, buffers[0].getUint8(0)]).toEqual([2, 8]);
  });
});
