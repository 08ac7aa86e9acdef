# ruff: noqa: E501
"""Question files as people send them."""

import io

import openpyxl

HEAD = [
    "题型",
    "题干",
    "选项A",
    "选项B",
    "选项C",
    "选项D",
    "答案",
    "解析",
    "难度",
    "知识点",
    "模块",
]
SINGLE = ["单选题", "老人突然噎住，先做什么？", "拍照", "海姆立克急救", "喂水", "等待", "B",
          "尽快解除气道梗阻。", "中等", "噎食", "基础照护"]  # fmt: skip
MULTIPLE = ["多选题", "翻身时要注意什么？", "不拖拽", "保护骨突", "动作要猛", "观察皮肤", "ABD",
            "拖拽会擦伤皮肤。", "困难", "翻身", "生活照护"]  # fmt: skip
JUDGE = ["判断题", "热水袋可以直接贴着老人的皮肤。", "", "", "", "", "错误",
         "应隔一层毛巾。", "容易", "保暖", "生活照护"]  # fmt: skip


def workbook(*rows: list[object]) -> bytes:
    """An .xlsx file with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GIFT = """// a comment
$CATEGORY: $course$/top/生活照护

::Q1:: 给老人洗脸，水温多少合适？ {
~20℃ # 太凉
=40℃
~60℃
####水温以手腕内侧不烫为宜。
}

热水袋要用毛巾包好。{T}

::Q3:: 哪些是压疮的早期表现？ {
~%50%皮肤发红
~%50%压之不褪色
~%-100%皮肤干净
}

老人每天应喝多少毫升水？{#1500:300}

把下面的连起来 {=甲 -> 乙 =丙 -> 丁}

请说说你的看法。{}
"""
AIKEN = """老人跌倒后，第一步是？
A. 马上扶起
B. 先判断意识和伤情
C. 拍照发群
ANSWER: B

洗手的时机有哪些？
A) 喂饭前
B) 换尿布后
C) 下班以后
ANSWER: A, B
"""
MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="category"><category><text>$course$/top/康复服务</text></category></question>
<question type="multichoice">
 <name><text>一</text></name>
 <questiontext format="html"><text><![CDATA[<p>被动活动关节时，<b>最重要</b>的是？</p>]]></text></questiontext>
 <generalfeedback format="html"><text>疼痛是停止的信号。</text></generalfeedback>
 <single>true</single>
 <answer fraction="100" format="html"><text>动作轻缓，不引起疼痛</text></answer>
 <answer fraction="0" format="html"><text>越快越好</text></answer>
</question>
<question type="truefalse"><questiontext format="html"><text>康复越早越好，病情稳定即可开始。</text></questiontext>
 <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
<question type="essay"><questiontext><text>谈谈体会</text></questiontext></question>
<question type="multichoice"><questiontext format="html"><text>&lt;img src="@@PLUGINFILE@@/a.png"&gt;这是什么？</text></questiontext>
 <single>true</single><answer fraction="100"><text>甲</text></answer><answer fraction="0"><text>乙</text></answer></question>
</quiz>"""
