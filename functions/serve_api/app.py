"""The HTTP API behind API Gateway, whose authorizer has checked the caller's token already."""

from abax.api import create_app
from abax.compose import cloud_services
from abax.settings import StarterSettings
from mangum import Mangum

handler = Mangum(create_app(cloud_services(StarterSettings.from_env())), lifespan="off")
