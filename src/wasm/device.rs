//! Where a translator runs: on the processor, or on the browser's graphics processor, which is asked for once a worker.

use super::error::{JsResult, to_js};
use crate::{
    model::Device,
    translate::{TranslateError, Translator},
};

/// The translator of a bundle, on the processor.
pub(super) fn on_cpu(bundle: &[u8]) -> JsResult<Translator> {
    Translator::load(bundle, Device::flex(), "cpu").map_err(to_js)
}

#[cfg(feature = "webgpu")]
thread_local! {
    // Burn registers a device for the life of the module; asking it twice is an error.
    static DEVICE: std::cell::RefCell<Option<Device>> = const { std::cell::RefCell::new(None) };
}

/// The WebGPU device.
///
/// # Errors
/// `device.unavailable` if the browser has none, or refuses it.
#[cfg(feature = "webgpu")]
pub(super) async fn webgpu() -> JsResult<Device> {
    if let Some(device) = DEVICE.with_borrow(Option::clone) {
        return Ok(device);
    }
    // Asked in JavaScript first, because wgpu does not bear a worker without `navigator.gpu`.
    if !has_gpu() {
        return Err(to_js(TranslateError::DeviceUnavailable("webgpu")));
    }
    let device = Device::wgpu_options().init_async().await;
    let device = device.map_err(|_| to_js(TranslateError::DeviceUnavailable("webgpu")))?;
    DEVICE.set(Some(device.clone()));
    Ok(device)
}

/// Forgets a device that was lost. Burn cannot register another in its place, so from now on this worker has none.
#[cfg(feature = "webgpu")]
pub(super) fn forget() {
    DEVICE.set(None);
}

#[cfg(not(feature = "webgpu"))]
pub(super) fn forget() {}

/// The WebGPU device, which this build does not know.
#[cfg(not(feature = "webgpu"))]
pub(super) async fn webgpu() -> JsResult<Device> {
    Err(to_js(TranslateError::DeviceNotBuilt("webgpu")))
}

#[cfg(feature = "webgpu")]
fn has_gpu() -> bool {
    let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into());
    navigator
        .and_then(|navigator| js_sys::Reflect::get(&navigator, &"gpu".into()))
        .is_ok_and(|gpu| !gpu.is_undefined() && !gpu.is_null())
}
