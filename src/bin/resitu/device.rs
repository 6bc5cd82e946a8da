//! Which device a command computes on.

use resitu::model::Device;

use crate::failure::Failure;

/// Where the arithmetic runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DeviceChoice {
    /// The processor.
    Cpu,
    /// A graphics card through Vulkan, Metal or DirectX; needs the build feature `webgpu`.
    Wgpu,
    /// An NVIDIA card; needs the build feature `cuda`.
    Cuda,
}

impl DeviceChoice {
    /// The device, if this build has it.
    pub fn open(self) -> Result<Device, Failure> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            Self::Wgpu => wgpu(),
            Self::Cuda => cuda(),
        }
    }
}

#[cfg(feature = "webgpu")]
fn wgpu() -> Result<Device, Failure> {
    Device::wgpu_options().init().map_err(|_| Failure::NoDevice("No graphics card could be opened."))
}

#[cfg(not(feature = "webgpu"))]
fn wgpu() -> Result<Device, Failure> {
    Err(Failure::NoDevice("This build of resitu cannot use graphics cards: it was built without the feature webgpu."))
}

/// Burn's CUDA backend panics on a thread of its own where there is no driver, so the driver is looked for first.
#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, Failure> {
    let driver = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"];
    if driver.iter().any(|path| std::path::Path::new(path).exists()) {
        Ok(Device::cuda(0))
    } else {
        Err(Failure::NoDevice("No NVIDIA driver was found on this machine."))
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device, Failure> {
    Err(Failure::NoDevice("This build of resitu cannot use CUDA: it was built without the feature cuda."))
}
