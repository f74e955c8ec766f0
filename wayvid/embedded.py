"""The wallpapers that need no file: graphs of libavfilter, each with a name.

All are small and have few pictures a second, since the compositor's bilinear scaling makes
them smooth; a little noise hides the steps that 8 bits make in a dark gradient. Periods
that have no common multiple keep them from repeating. None may cost more than NIGHT.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["EMBEDDED", "NIGHT", "PREFIX", "Embedded", "embedded"]

PREFIX = "wayvid:"
_SIZE = "288x162:r=8"
_FINISH = "format=gbrp,noise=alls=2,format=bgr0"


class Embedded(NamedTuple):
    """A wallpaper that needs no file.

    Attributes:
        name: behind PREFIX.
        words: what is to be seen.
        graph: of libavfilter.
    """

    name: str
    words: str
    graph: str


def _field(light: str, colours: str, size: str = "72x40") -> str:
    """One plane of light by a formula of X, Y and T, made larger, and coloured by a table of its 256 steps."""
    scaled = "scale=288:162:flags=bicubic,format=gbrp"
    return f"color=c=black:s={size}:r=8,format=gray,geq=lum='{light}',{scaled},lutrgb={colours},{_FINISH}"


# The filters need planar colours.
NIGHT = Embedded(
    "night",
    "slow blue lights; what is shown where no source is named",
    f"gradients=s={_SIZE}:seed=7:n=4:speed=0.01:x0=0:y0=162:x1=288:y1=0"
    ":c0=0x0a0f24:c1=0x16305c:c2=0x2e2458:c3=0x0d4a50,format=gbrp[sky]"
    f";gradients=s={_SIZE}:seed=3:n=3:speed=0.006:type=radial:x0=202:y0=45:x1=22:y1=142"
    ":c0=0x4f6fc8:c1=0x2a2f65:c2=0x000000,format=gbrp[light]"
    f";[sky][light]blend=all_mode=screen,gblur=sigma=7,vignette=PI/5,{_FINISH}",
)
EMBEDDED = (
    NIGHT,
    Embedded(
        "aurora",
        "green curtains in a dark sky",
        _field(
            "st(0,0.74+0.09*sin(2.7*X/W+0.07*T)-Y/H)"
            ";255*if(gt(ld(0),0),exp(-ld(0)/0.34),exp(-pow(ld(0)/0.09,2)))"
            "*(0.5+0.3*sin(8*X/W+0.10*T+1.9*sin(2.1*X/W-0.045*T))+0.2*sin(19*X/W-0.17*T))"
            "*(0.62+0.38*sin(2.3*X/W-0.06*T))",
            "r='9+val*0.13':g='13+val*0.46':b='30+val*0.30'",
        ),
    ),
    Embedded(
        "dawn",
        "the hour before the sun: plum above, rose below",
        _field(
            "255*exp(-pow((1.02-Y/H+0.03*sin(0.05*T))/0.52,2))*(0.78+0.22*sin(2.4*X/W+0.06*T+0.8*sin(3*Y/H-0.04*T)))",
            "r='15+val*0.46':g='13+val*0.19':b='32+val*0.16'",
        ),
    ),
    Embedded(
        "ember",
        "two fires that are nearly out",
        _field(
            "255*(0.62*exp(-(pow(X/W-0.3-0.16*sin(0.043*T),2)*2.2+pow(Y/H-0.85,2))/0.16)"
            "+0.5*exp(-(pow(X/W-0.75-0.12*sin(0.061*T+2),2)*2.2+pow(Y/H-0.95,2))/0.12))"
            "*(0.85+0.15*sin(0.21*T+4*X/W))",
            "r='15+val*0.52':g='10+val*0.20':b='11+val*0.06'",
        ),
    ),
    Embedded(
        "graphite",
        "greys without a colour, for a desktop that has enough",
        f"gradients=s={_SIZE}:seed=5:n=4:speed=0.008:x0=0:y0=0:x1=288:y1=162"
        ":c0=0x101114:c1=0x25272c:c2=0x17181c:c3=0x33363c"
        f",format=gbrp,gblur=sigma=9,vignette=PI/5,{_FINISH}",
    ),
    Embedded(
        "sea",
        "swell by moonlight",
        _field(
            "255*(0.25+0.75*Y/H)*(0.5+0.25*sin(13*Y/H+1.3*sin(3.1*X/W+0.09*T)+0.14*T)+0.25*sin(5*X/W-6*Y/H-0.08*T))",
            "r='4+val*0.07':g='17+val*0.30':b='30+val*0.34'",
        ),
    ),
)


def embedded(text: str) -> Embedded | None:
    """The one that a source names; None: there is none of that name."""
    return next((each for each in EMBEDDED if PREFIX + each.name == text), None)
