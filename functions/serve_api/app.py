"""The HTTP API behind API Gateway, whose authorizer has checked the caller's token already."""

import gc

gc.disable()  # imports leave nothing to collect, and looking for it takes a tenth of a cold start

from abax.api import create_app  # noqa: E402
from abax.compose import cloud_api  # noqa: E402
from abax.settings import ApiSettings  # noqa: E402
from mangum import Mangum  # noqa: E402

handler = Mangum(create_app(cloud_api(ApiSettings.from_env())), lifespan="off")

gc.enable()
