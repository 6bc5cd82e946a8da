/** Remembers every GPU device of this worker, and destroys them when the page says so. */

interface Device {
  destroy(): void;
}
interface Adapter {
  requestDevice(descriptor?: object): Promise<Device>;
}

const devices: Device[] = [];
const adapter = (globalThis as { GPUAdapter?: { prototype: Adapter } }).GPUAdapter?.prototype;

if (adapter) {
  const requestDevice = adapter.requestDevice;
  adapter.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    devices.push(device);
    return device;
  };
}

new BroadcastChannel("fragile-gpu").onmessage = () => {
  for (const device of devices.splice(0)) device.destroy();
};

export {};
