"""The words of the audit (留痕用语): what was done, and what it was done to."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from yiyuan.interfaces.desk.labels import VERBS

ACTS: dict[str, Promise] = {
    **VERBS,
    "run_screening": gettext_lazy("筛查"),
    "request_screening": gettext_lazy("要求筛查"),
    "decline_proposal": gettext_lazy("决定不提名"),
    "decide_settlement": gettext_lazy("理算"),
    "check_envelope": gettext_lazy("账本核对"),
    "open_recovery": gettext_lazy("提出追回"),
    "record_repayment": gettext_lazy("款项追回"),
    "propose_waiver": gettext_lazy("提议不再追"),
    "agree_waiver": gettext_lazy("同意不再追"),
    "record_heir": gettext_lazy("登记继承人"),
    "reopen_confirmed": gettext_lazy("撤销确认，重新等人决定"),
    "reopen_declined": gettext_lazy("申诉后重新考虑"),
    "record_telling": gettext_lazy("告知不赔"),
    "record_consent": gettext_lazy("记下由他人代领"),
    "record_paper_bill": gettext_lazy("录入纸质票据"),
    "propose_at_desk": gettext_lazy("窗口提名"),
    "link_paper_bill": gettext_lazy("票据和医保结算对上"),
    "use_feed": gettext_lazy("改按医保结算办"),
    "adopt_name": gettext_lazy("改用名册的姓名"),
    "keep_name": gettext_lazy("维持原来的姓名"),
    "rename_county": gettext_lazy("改区划代码"),
    "set_account": gettext_lazy("选定收款账户"),
    "record_account": gettext_lazy("登记收款账户"),
    "view_person": gettext_lazy("看了档案"),
    "build_batch": gettext_lazy("组批"),
    "release_batch": gettext_lazy("放行"),
    "void_batch": gettext_lazy("撤回批次"),
    "hand_out_file": gettext_lazy("下载银行文件"),
    "record_returns": gettext_lazy("回单入账"),
    "record_upload": gettext_lazy("传入文件"),
    "import_file": gettext_lazy("读入文件"),
    "record_import": gettext_lazy("读入文件"),
    "export_claims": gettext_lazy("导出案件清单"),
    "apply_list": gettext_lazy("按名单更新"),
    "export_list_changes": gettext_lazy("下载名单对比"),
    "undo_import": gettext_lazy("撤销导入"),
    "finish_import": gettext_lazy("读完文件"),
    "fail_import": gettext_lazy("没有读成文件"),
    "raise_question": gettext_lazy("提出疑问"),
    "lapse_question": gettext_lazy("疑问自行消除"),
    "answer_question": gettext_lazy("答复疑问"),
    "follow_calendar": gettext_lazy("按放假安排重数时限"),
    "set_emergency": gettext_lazy("标为急难"),
    "clear_emergency": gettext_lazy("不再是急难"),
    "record_city": gettext_lazy("设定城市"),
    "record_divisions": gettext_lazy("录入行政区划"),
    "record_holidays": gettext_lazy("录入节假日"),
    "record_scheme_version": gettext_lazy("方案入库"),
    "propose_scheme": gettext_lazy("提请方案生效"),
    "approve_scheme": gettext_lazy("批准方案生效"),
    "consume_limits": gettext_lazy("占用限额"),
    "give_back_limits": gettext_lazy("退回限额"),
    "record_staff_member": gettext_lazy("登记工作人员"),
    "change_staff_member": gettext_lazy("改人员的岗位"),
    "move_staff_member": gettext_lazy("把人员调到别的单位"),
    "end_staff_member": gettext_lazy("办理离岗"),
    "reset_password": gettext_lazy("给出新密码"),
    "change_own_password": gettext_lazy("改自己的密码"),
    "record_office": gettext_lazy("登记单位"),
    "change_office": gettext_lazy("改单位的情况"),
    "open_office": gettext_lazy("重新开放单位"),
    "close_office": gettext_lazy("停用单位"),
}
SUBJECTS: dict[str, Promise] = {
    "claim": gettext_lazy("赔案"),
    "envelope": gettext_lazy("账本"),
    "claims": gettext_lazy("案件清单"),
    "proposal": gettext_lazy("提名"),
    "settlement": gettext_lazy("结算"),
    "run": gettext_lazy("筛查批次"),
    "batch": gettext_lazy("支付批次"),
    "return_file": gettext_lazy("银行回单"),
    "person": gettext_lazy("参保人"),
    "import_job": gettext_lazy("导入批次"),
    "scheme": gettext_lazy("方案"),
    "city": gettext_lazy("城市"),
    "divisions": gettext_lazy("行政区划"),
    "calendar": gettext_lazy("日历"),
    "staff_member": gettext_lazy("工作人员"),
    "office": gettext_lazy("单位"),
}


def act_word(verb: str) -> str:
    """Return what was done, in words."""
    return str(ACTS.get(verb, verb))


def subject_word(kind: str) -> str:
    """Return what kind of thing it was done to, in words."""
    return str(SUBJECTS.get(kind, kind))
