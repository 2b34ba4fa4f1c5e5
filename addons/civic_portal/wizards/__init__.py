from . import civic_city_settings
