"""Raw material of the demo province: names, places and numbers, all synthetic."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lms.people import identifiers as ids
from lms.people.regions import all_regions, region_name


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MARK = "示例·"
FIRST_COUNTY = "140105"
SMALLEST_HOME = 8
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖"
    "邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文樊殷牛"
)
_WOMEN = _words(
    "桂兰 秀英 玉梅 春花 淑珍 爱香 翠莲 改花 巧玲 俊英 丽萍 海燕 建芳 晓红 雪梅 "
    "美玲 慧敏 婷婷 晓燕 艳红 凤英 月娥 润莲 果香 林花 变花 彩霞 玉仙 素芳 润兰 "
    "志英 海霞 晋芳 文娟 佳慧 欣怡 雅琴 瑞芳 国花 引弟"
)
_MEN = _words(
    "建国 志强 俊杰 国平 永胜 文斌 海军 晓东 建军 福生 贵生 秋生 宏伟 振华 春生 "
    "晋生 永强 瑞林 志刚 云峰 玉柱 守义 二虎 立新 卫东 世杰 浩然 子轩 新民 福全"
)
_HOME_WORDS = _words(
    "康宁 福寿 夕阳红 安泰 颐和 松鹤 怡康 长乐 温馨 爱晚 金秋 仁和 慈安 鹤祥 "
    "益寿 康乐 百岁 幸福里 阳光 敬慈 和谐 安康 常青 晋祠"
)
_HOME_KINDS = ("养老院", "老年公寓", "养护中心", "颐养院")
#: How often a county gets its second and later homes: cities with more people have more.
_CITY_WEIGHT = {"1401": 5, "1402": 3, "1407": 3, "1408": 3, "1410": 3, "1404": 3}


@dataclass(frozen=True, slots=True)
class HomePlan:
    """A home to be made: where, what it is called and how many work there."""

    region: str
    name: str
    credit_code: str
    size: int
    beds: int
    residents: int
    for_destitute: bool


def credit_code(lead: str, region: str, serial: int) -> str:
    """A synthetic unified social credit code; ``lead`` is the two-digit kind of body."""
    first = f"{lead}{region.ljust(6, '0')}MJ{serial:07d}"
    return first + ids.credit_check_digit(first)


def counties() -> list[str]:
    """The 117 counties, Taiyuan's 小店区 first, then city by city in turn, so that a small
    province still has several cities."""
    nth: dict[str, int] = {}
    order: list[tuple[bool, int, str]] = []
    for code in all_regions():
        if len(code) == 6:
            nth[code[:4]] = nth.get(code[:4], 0) + 1
            order.append((code != FIRST_COUNTY, nth[code[:4]], code))
    return [code for _first, _nth, code in sorted(order)]


def plan_homes(staff: int, rng: random.Random) -> Iterator[HomePlan]:
    """Homes for exactly ``staff`` people: one per county first, then more where more live."""
    order = counties()
    weights = [_CITY_WEIGHT.get(code[:4], 2) for code in order]
    used: dict[str, int] = {}
    serial, left = 0, staff
    while left > 0:
        region = order[serial] if serial < len(order) else rng.choices(order, weights)[0]
        size = _size(left, min(len(order), staff // SMALLEST_HOME) - serial, serial == 0, rng)
        size = left if left - size < SMALLEST_HOME else size
        serial += 1
        used[region] = used.get(region, 0) + 1
        yield _home(region, used[region], serial, size, rng)
        left -= size


def _size(left: int, waiting: int, first: bool, rng: random.Random) -> int:
    """How many work in the next home; ``waiting`` counties must each still get one."""
    if waiting <= 0:
        return min(120, max(SMALLEST_HOME, int(rng.lognormvariate(3.55, 0.6))))
    share = left / waiting
    wanted = 46 if first else int(rng.lognormvariate(3.55, 0.6) * min(1, share / 42))
    spare = left - SMALLEST_HOME * (waiting - 1)
    return max(SMALLEST_HOME, min(120, wanted, spare))


def _home(region: str, nth: int, serial: int, size: int, rng: random.Random) -> HomePlan:
    destitute = serial > 1 and rng.random() < 0.12
    word = _HOME_WORDS[0] if serial == 1 else _HOME_WORDS[nth % len(_HOME_WORDS)]
    round_ = nth // len(_HOME_WORDS)
    kind = "敬老院" if destitute else _HOME_KINDS[0 if serial == 1 else rng.randrange(4)]
    name = f"{MARK}{region_name(region)}{word}{kind}" + (f"第{round_ + 1}院" if round_ else "")
    beds = round(size * rng.uniform(2.2, 3.6))
    residents = int(beds * rng.uniform(0.55, 0.97))
    code = credit_code("12" if destitute else "52", region, serial)
    return HomePlan(region, name, code, size, beds, residents, destitute)


class People:
    """A source of synthetic people: names, valid unique ids, unique 199 phones."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._used: set[int] = set()
        self._phones = 0
        self._oldest, self._youngest = date(1958, 1, 1), date(2004, 12, 31)
        self._counties = counties()

    def name(self, sex: str) -> str:
        """A name in use in the province's own style; not anybody's."""
        given = self._rng.choice(_WOMEN if sex == "f" else _MEN)
        return self._rng.choice(_SURNAMES) + given

    def id_number(
        self,
        sex: str,
        region: str | None = None,
        born: date | None = None,
        adult_on: date | None = None,
    ) -> str:
        """A well-formed id nobody else in this world has, of somebody grown up on a day."""
        rng = self._rng
        while True:
            place = region or rng.choice(self._counties)
            day = born or self._birth_date(adult_on or date(2026, 1, 1))
            serial = rng.randrange(500) * 2 + (1 if sex == "m" else 0)
            first = f"{place}{day:%Y%m%d}{serial:03d}"
            if int(first) not in self._used:
                self._used.add(int(first))
                return first + ids.id_check_digit(first)

    def phone(self) -> str:
        """A 199 number; a step coprime to the range never repeats."""
        self._phones += 1
        return f"199{self._phones * 70_921_733 % 100_000_000:08d}"

    def _birth_date(self, adult_on: date) -> date:
        latest = min(self._youngest, adult_on - timedelta(days=18 * 366))
        span = max((latest - self._oldest).days, 1)
        return self._oldest + timedelta(days=int(self._rng.triangular(0, span, span * 0.4)))
