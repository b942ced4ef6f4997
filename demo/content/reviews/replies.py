"""What merchants answer, by the ratings they suit."""

from __future__ import annotations

from demo.content.types import ReplyText

_HAPPY = (5,)
_GOOD = (4, 5)
_MIXED = (3, 4)
_POOR = (2, 3)

REPLIES: tuple[ReplyText, ...] = (
    ReplyText("en", _HAPPY, "Thank you! The whole team has read this aloud. See you soon."),
    ReplyText("en", _HAPPY, "That made our morning. Your usual place is waiting."),
    ReplyText(
        "en", _GOOD, "Thank you for coming and for taking the time to write. Until next time."
    ),
    ReplyText(
        "en", _GOOD, "So glad it was worth the trip. Say hello at the counter when you are back."
    ),
    ReplyText(
        "en",
        _MIXED,
        "Thank you for the fair words. We have added a second person at the busy hours.",
    ),
    ReplyText(
        "en", _MIXED, "You are right, and we have told the team. Please give us another try."
    ),
    ReplyText(
        "en",
        _POOR,
        "We are sorry. Please call the shop and ask for the manager; we want to put it right.",
    ),
    ReplyText(
        "en",
        _POOR,
        "That is not how it should be. We have changed the rota since, and your next visit is on us.",
    ),
    ReplyText(
        "en",
        _POOR,
        "Sorry for the confusion about the hours. We now print them larger on the deal's page.",
    ),
    ReplyText("zh", _HAPPY, "谢谢您！这条评价我们在早会上念给全店听了，常来。"),
    ReplyText("zh", _HAPPY, "看到您喜欢我们也开心，老位置给您留着。"),
    ReplyText("zh", _GOOD, "感谢光临，也谢谢您花时间写评价，下次见。"),
    ReplyText("zh", _GOOD, "您满意就好，下次来记得跟店员打个招呼。"),
    ReplyText("zh", _MIXED, "谢谢您的中肯建议，高峰时段我们已经加了人手。"),
    ReplyText("zh", _MIXED, "您说得对，已经跟伙计们交代了，盼您再来看看有没有改进。"),
    ReplyText("zh", _POOR, "非常抱歉没让您满意，请致电门店找店长，我们一定给您一个交代。"),
    ReplyText("zh", _POOR, "确实是我们没做好，排班已经调整，下次来由我们请客。"),
    ReplyText("zh", _POOR, "时段说明不够醒目，给您添麻烦了，现在已经放大写在页面上。"),
)
