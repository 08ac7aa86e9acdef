"""Writes questions as a spreadsheet, and the template with an example of every kind."""

from collections.abc import Iterable, Iterator
from typing import IO, Any

from exams.bank.formats import cells
from exams.bank.formats.items import LETTERS, Written, letters_of
from exams.bank.formats.words import DIFFICULTIES, KINDS, occupation_name
from exams.bank.kinds import Simple, parts_of
from exams.bank.models import CAREGIVER, Kind
from exams.bank.rules import Draft
from lms.core.exports import write_xlsx
from lms.core.ladder import Rung

HEADINGS = (
    "题目编号", "题型", "小题", "职业", "模块", "知识点", "难度", "技能等级", "题干",
    *(f"选项{letter}" for letter in LETTERS), "答案", "单位", "允许误差", "精确匹配", "干扰项",
    "评分要点", "字数上限", "小题份数", "解析", "来源", "备注",
)  # fmt: skip
#: As many characters as a spreadsheet keeps in a cell.
LONGEST_CELL = 32_767
Row = dict[str, object]


def write(out: IO[bytes], questions: Iterable[Written]) -> None:
    """Write questions so that ``excel.read`` gives the same ones."""
    write_xlsx(out, HEADINGS, (_cells(row) for q in questions for row in rows_of(q)), _NOTES)


def write_template(out: IO[bytes]) -> None:
    """An example of every kind, to be replaced, and a sheet that says how."""
    write_xlsx(out, HEADINGS, (_cells(row) for q in examples() for row in rows_of(q)), _NOTES)


def rows_of(question: Written) -> Iterator[Row]:
    """The row of a question; of a case, its own and one for each part."""
    draft = question.draft
    simple = Simple(draft.kind, draft.stem, draft.body, draft.key)
    yield {
        "题目编号": question.code,
        "职业": occupation_name(draft.occupation),
        "模块": draft.module,
        "知识点": draft.knowledge,
        "难度": next(
            words[0] for level, words in DIFFICULTIES.items() if level == draft.difficulty
        ),
        "技能等级": Rung(draft.rung).name_zh,
        **_shape(simple),
        "解析": draft.explanation,
        "来源": draft.source,
        "备注": draft.note,
    }
    if draft.kind != Kind.CASE:
        return
    parts = parts_of(draft.kind, draft.stem, draft.body, draft.key)
    for number, part in enumerate(parts, start=1):
        share = draft.body["parts"][number - 1]["share"]
        yield {"小题": number, "小题份数": share, **_shape(part)}


def _cells(row: Row) -> list[object]:
    return [row.get(heading, "") for heading in HEADINGS]


def _shape(simple: Simple) -> Row:
    body: dict[str, Any] = simple.body
    key: dict[str, Any] = simple.key
    row: Row = {"题型": KINDS[Kind(simple.kind)][0], "题干": simple.stem}
    match simple.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            row |= _lettered(body["options"]) | {"答案": letters_of(key["right"])}
        case Kind.JUDGE:
            row["答案"] = "正确" if key["right"] else "错误"
        case Kind.NUMERIC:
            row |= {"答案": key["right"], "允许误差": key["within"], "单位": body.get("unit", "")}
        case Kind.FILL:
            row |= {
                "答案": cells.fill_text(key["blanks"]),
                "精确匹配": "是" if key["exact"] else "",
            }
        case Kind.MATCHING:
            sides = zip(body["left"], key["pairs"], strict=True)
            row |= _lettered([cells.pair_text(left, body["right"][n]) for left, n in sides])
            row["干扰项"] = cells.lines_text(cells.others_of(body, key))
        case Kind.ORDERING:
            row |= _lettered(body["items"]) | {"答案": letters_of(key["sequence"])}
        case Kind.SHORT | Kind.ESSAY:
            row |= {"答案": key["reference"], "评分要点": cells.rubric_text(key["rubric"])}
            row["字数上限"] = body["longest"]
    return row


def _lettered(texts: list[str]) -> Row:
    return {f"选项{LETTERS[n]}": text for n, text in enumerate(texts)}


def examples() -> list[Written]:
    """One sound question of every kind."""
    listed: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
        (Kind.SINGLE, "给老人洗脸，水温多少合适？", {"options": ["20℃", "40℃", "60℃"]},
         {"right": [1]}, "以手腕内侧不烫为宜。"),
        (Kind.MULTIPLE, "翻身时要注意什么？",
         {"options": ["不拖拽", "保护骨突", "动作要猛", "观察皮肤"]}, {"right": [0, 1, 3]},
         "拖拽会擦伤皮肤。"),
        (Kind.JUDGE, "热水袋可以直接贴着老人的皮肤。", {}, {"right": False}, "应隔一层毛巾。"),
        (Kind.NUMERIC, "成人腋下体温超过多少算发热？", {"unit": "℃"},
         {"right": "37.3", "within": "0.1"}, ""),
        (Kind.FILL, "压疮好发于___和___。", {"blanks": 2},
         {"blanks": [["骶尾部", "尾骶部"], ["足跟"]], "exact": False}, ""),
        (Kind.MATCHING, "把体位和用途连起来。",
         {"left": ["半卧位", "侧卧位"], "right": ["方便进食", "更换床单", "测量身高"]},
         {"pairs": [0, 1]}, ""),
        (Kind.ORDERING, "七步洗手法，先后怎样？", {"items": ["内", "外", "夹"]},
         {"sequence": [0, 1, 2]}, ""),
        (Kind.SHORT, "老人跌倒后，先做哪三件事？", {"longest": 300},
         {"reference": "不急扶；看意识和伤情；呼救。",
          "rubric": [{"text": "先判断，不急扶", "share": 2}, {"text": "呼救", "share": 1}]}, ""),
        (Kind.ESSAY, "怎样和失智老人说话？", {"longest": 2000},
         {"reference": "慢、短、看着眼睛，不争辩。", "rubric": []}, ""),
        (Kind.CASE, "张奶奶，78 岁，左侧偏瘫，长期卧床。",
         {"parts": [
             {"kind": Kind.SINGLE, "stem": "多久翻一次身？",
              "body": {"options": ["2 小时", "8 小时"]}, "share": 1},
             {"kind": Kind.JUDGE, "stem": "穿衣先穿左侧。", "body": {}, "share": 1}]},
         {"parts": [{"right": [0]}, {"right": True}]}, ""),
    ]  # fmt: skip
    return [
        Written(
            f"示例-{number:02d}",
            Draft(kind, stem, body, key, "生活照护", "medium", 2, said, "", "", "", CAREGIVER),
        )
        for number, (kind, stem, body, key, said) in enumerate(listed, start=1)
    ]


_NOTES: list[list[object]] = [
    ["列", "怎么填"],
    ["示例", "第一个工作表里的行是示例，每种题型一道；请换成自己的题目再导入。"],
    ["题目编号", "可以不填。填了同一编号再导入时，就是修改那道题（产生新版本，仍要审核）。"],
    ["题型", "单选题、多选题、判断题、数值题、填空题、连线题、排序题、案例题、简答题、论述题。"],
    ["职业", "养老护理员、养老院院长、老年社会工作者；不填按养老护理员。"],
    ["模块", "如 职业道德、基础知识、生活照护、基础照护、康复服务。"],
    ["难度", "容易、中等、困难；不填按中等。"],
    ["技能等级", "如 初级工、五级；不填按导入时选的等级。"],
    ["单选、多选", "选项从 A 开始依次填，最多 10 个；答案填字母，如 B 或 ABD。"],
    ["判断", "答案填 正确 或 错误；不填选项。"],
    ["数值", "答案填一个数，可另填允许误差和单位；也可写 37.3±0.1 或 36~37。"],
    ["填空", "题干里用三个以上下划线标出空。答案按空用“；”隔开，同一空的几种写法用“|”隔开。"],
    ["连线", "每个选项写一对：左 → 右。右边多出来的写在“干扰项”，一行一个。"],
    ["排序", "选项写步骤，答案按正确顺序写字母，如 CABD；不写答案表示选项已是正确顺序。"],
    ["简答、论述", "答案写参考答案；评分要点一行一条，如 2分：先判断意识。"],
    ["案例", "先一行案例题（题干写案例），下面每道小题一行，“小题”填 1、2、3…，份数不填按 1。"],
    ["转义", "内容里本来就有 ；| → 时，前面加一个反斜杠 \\。"],
    ["解析", "考后给考生看的说明。备注只有出题人看得到。"],
]  # fmt: skip
