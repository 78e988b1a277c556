"""What steps in Python share of scipy and scikit-learn, whole.

Threads that import parts of them side by side may find modules of which half is there, since those import each other. Every
package of Tessera that a model in Python may ask for imports this first, and one module is imported by one thread.
"""

# ruff: noqa: F401
import scipy.optimize.elementwise
import scipy.sparse.csgraph
import scipy.spatial.distance
import scipy.stats.qmc
import sklearn.cluster
import sklearn.ensemble
import sklearn.linear_model
import sklearn.metrics
