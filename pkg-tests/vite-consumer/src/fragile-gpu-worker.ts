/** The package's own worker, in a realm where the GPU can be taken away. */

import "./fragile-gpu";
import "resitu/worker";
