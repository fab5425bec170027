"""One file a system or a family: what differs from the plain GAN, nothing else."""

from gan_lab.zoo.began import BEGAN, began
from gan_lab.zoo.cgan import CGAN, cgan
from gan_lab.zoo.cyclegan import CycleGAN, cyclegan
from gan_lab.zoo.dragan import dragan
from gan_lab.zoo.ebgan import EBGAN, ebgan
from gan_lab.zoo.gan import gan, minimax_gan, mlp_gan
from gan_lab.zoo.hinge import hinge_gan
from gan_lab.zoo.lsgan import lsgan
from gan_lab.zoo.negative_sampling import NegativeSampling, negative_sampling
from gan_lab.zoo.pacgan import PacGAN, pacgan
from gan_lab.zoo.pggan import PGGAN, pggan
from gan_lab.zoo.registry import REGISTRY, Entry, build, get, names, option_names
from gan_lab.zoo.regularised import r1_gan, r1_r2_gan, r2_gan
from gan_lab.zoo.relativistic import relativistic_gan, rpgan
from gan_lab.zoo.sngan import sn_gan
from gan_lab.zoo.unrolled import UnrolledGAN, unrolled_gan
from gan_lab.zoo.wgan import wgan, wgan_gp

__all__ = [
    "BEGAN", "CGAN", "EBGAN", "PGGAN", "REGISTRY", "CycleGAN", "Entry", "NegativeSampling", "PacGAN", "UnrolledGAN",
    "began", "build", "cgan", "cyclegan", "dragan", "ebgan", "gan", "get", "hinge_gan", "lsgan", "minimax_gan",
    "mlp_gan", "names", "negative_sampling", "option_names", "pacgan", "pggan", "r1_gan", "r1_r2_gan", "r2_gan",
    "relativistic_gan", "rpgan", "sn_gan", "unrolled_gan", "wgan", "wgan_gp",
]  # fmt: skip
