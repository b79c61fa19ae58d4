"""What every Bedrock call passes: a permit of its process, then leave from the model's quota.

with limiter.permit(model_id, pool, tokens, lease=37.5, patience=5.0) as permit:
    ...  # the call; its failures go through the block as Failures
    permit.settle(used_tokens)
"""

from mangaassist.limiter.limiter import Limiter, limiter_of, permit
from mangaassist.limiter.permits import Permit

__all__ = ["Limiter", "Permit", "limiter_of", "permit"]
