"""One file a system or a family: what differs from the plain GAN, nothing else."""

from gan_lab.zoo.began import BEGAN, began
from gan_lab.zoo.cgan import CGAN, cgan
from gan_lab.zoo.cyclegan import CycleGAN, cyclegan
from gan_lab.zoo.distances import hinge_gan, lsgan, r1_gan, relativistic_gan, wgan, wgan_gp
from gan_lab.zoo.gan import gan, minimax_gan, mlp_gan
from gan_lab.zoo.pggan import PGGAN, pggan
from gan_lab.zoo.registry import REGISTRY, Entry, build, get, names, option_names

__all__ = [
    "BEGAN", "CGAN", "PGGAN", "REGISTRY", "CycleGAN", "Entry", "began", "build", "cgan", "cyclegan", "gan", "get",
    "hinge_gan", "lsgan", "minimax_gan", "mlp_gan", "names", "option_names", "pggan", "r1_gan", "relativistic_gan",
    "wgan", "wgan_gp",
]  # fmt: skip
