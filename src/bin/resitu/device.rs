//! Which device a command computes on.

use resitu::model::Device;
use resitu::translate::TranslateError;

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
    /// What results say of the device.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }

    /// The device, if this build has it and the machine too.
    ///
    /// # Errors
    /// `device.not-built`, `device.unavailable`.
    pub fn open(self) -> Result<Device, TranslateError> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            Self::Wgpu => wgpu(),
            Self::Cuda => cuda(),
        }
    }
}

#[cfg(feature = "webgpu")]
fn wgpu() -> Result<Device, TranslateError> {
    Device::wgpu_options().init().map_err(|_| TranslateError::DeviceUnavailable("wgpu"))
}

#[cfg(not(feature = "webgpu"))]
fn wgpu() -> Result<Device, TranslateError> {
    Err(TranslateError::DeviceNotBuilt("wgpu"))
}

/// Burn's CUDA backend panics on a thread of its own where there is no driver, so the driver is looked for first.
#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, TranslateError> {
    let driver = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"];
    if driver.iter().any(|path| std::path::Path::new(path).exists()) {
        Ok(Device::cuda(0))
    } else {
        Err(TranslateError::DeviceUnavailable("cuda"))
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device, TranslateError> {
    Err(TranslateError::DeviceNotBuilt("cuda"))
}
