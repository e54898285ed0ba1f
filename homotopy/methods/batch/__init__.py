"""Many runs side by side: the batch, its accounts, and the descents it makes."""

from homotopy.doors import door
from homotopy.methods.batch.account import Ledger, Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.ends import Ends, settle
from homotopy.methods.batch.method import BatchMethod
from homotopy.methods.batch.polish import polish
from homotopy.methods.batch.restarts import in_turn, run_part
from homotopy.methods.batch.stage import Stage

__all__ = ["Batch", "BatchMethod", "Ends", "Ledger", "Rows", "Stage", "in_turn", "polish", "run_part", "settle"]

door(Batch)
