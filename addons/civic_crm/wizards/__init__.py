from . import base_partner_merge
from . import civic_case_close
from . import civic_citizen_find
from . import civic_citizen_join
from . import civic_consent_decide
from . import civic_representation_revoke
