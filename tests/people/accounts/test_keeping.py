"""Administrators find, grant, revoke, disable and reset; nobody does it to herself."""

import pytest
from sqlalchemy import func, select

from lms.core import audit, clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from lms.people.models import Account, RoleGrant
from tests.cast import citizen_id
from tests.factories.signing_in import give_password
from tests.forms import post
from tests.statements import count_statements


@pytest.fixture
def admin(cast, sign_in):
    return sign_in(cast.admin)


@pytest.fixture
def province(cast, sign_in):
    return sign_in(cast.province)


def role_form(role="officer", scope="region", **more):
    return {"role": role, "scope": scope, "valid_from": "2026-01-01", **more}


def grant(client, person_id, **form):
    url = f"/admin/accounts/{person_id}/grant"
    return post(client, url, role_form(**form), page="/me")


def grants_of(site, person_id):
    with site.app.app_context():
        query = select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None)
        )
        return session().scalars(query).all()


def test_the_list_shows_those_with_power_first_and_everybody_on_request(admin):
    page = admin.get("/admin/accounts").text
    assert "郑晓东" in page
    assert "王桂兰" not in page
    assert "王桂兰" in admin.get("/admin/accounts?kind=all").text
    found = admin.get("/admin/accounts?kind=all&q=王桂").text
    assert "王桂兰" in found
    assert "赵秀英" not in found


def test_a_number_is_found_without_standing_in_an_address(admin, cast):
    answer = post(admin, "/admin/accounts/find", {"number": "138 0000 0001"}, page="/me")
    assert answer.location == f"/admin/accounts/{cast.wang}"
    number = citizen_id(2).lower()
    answer = post(admin, "/admin/accounts/find", {"number": number}, page="/me")
    assert answer.location == f"/admin/accounts/{cast.zhao}"
    answer = post(admin, "/admin/accounts/find", {"number": "13812345678"}, page="/me")
    assert answer.location == "/admin/accounts"


def test_an_administrator_grants_hr_in_one_home(site, admin, cast, sign_in):
    form = {"scope": "organisation", "organisation": "康宁养老院"}
    assert grant(admin, cast.wang, role="hr", **form).status_code == 303
    (held,) = grants_of(site, cast.wang)
    assert (held.role, held.organisation_id) == ("hr", cast.kangning)
    assert "授予了角色" in sign_in(cast.wang).get("/me/looks").text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"role": "hr", "scope": "organisation", "organisation": "没有这家"}, "没有找到这个机构"),
        ({"role": "officer", "scope": "region"}, "请选择地区"),
        ({"role": "hr", "scope": "all"}, "只有平台管理"),
        ({"role": "officer", "region": "140105", "valid_to": "2025-01-01"}, "不能早于"),
        ({"role": "officer", "region": "999999"}, ""),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused_beside_the_field(site, admin, cast, form, says):
    answer = grant(admin, cast.wang, **form)
    assert answer.status_code == 422
    assert says in answer.text
    assert grants_of(site, cast.wang) == []


def test_the_same_role_twice_is_refused(site, admin, cast):
    assert grant(admin, cast.wang, region="140105").status_code == 303
    assert grant(admin, cast.wang, region="140105").status_code == 422
    assert len(grants_of(site, cast.wang)) == 1


def test_the_province_grants_officers_and_nothing_else(site, province, cast):
    assert grant(province, cast.wang, region="140105").status_code == 303
    refused = grant(province, cast.zhao, role="admin", scope="all")
    assert refused.status_code == 422
    refused = grant(province, cast.zhao, role="hr", scope="organisation", organisation="康宁养老院")
    assert refused.status_code == 422
    assert grants_of(site, cast.zhao) == []


def test_nobody_grants_to_herself(site, admin, cast):
    before = len(grants_of(site, cast.admin))
    assert grant(admin, cast.admin, region="14").status_code == 404
    assert len(grants_of(site, cast.admin)) == before


def test_nobody_disables_or_resets_herself(admin, cast):
    for act in ("disable", "sign-out", "second-factor"):
        url = f"/admin/accounts/{cast.admin}/do/{act}"
        assert admin.get(url).status_code == 404
        assert post(admin, url, {"reason": "试试"}, page="/me").status_code in {404, 409}


@pytest.mark.parametrize("who", ["wang", "li", "chen", "zhou", "county", "city"])
def test_only_keepers_see_accounts_and_roles(site, cast, sign_in, who):
    client = sign_in(getattr(cast, who))
    for path in (
        "/admin/accounts", "/admin/roles", "/admin/roles.csv", "/admin/accounts/new",
        f"/admin/accounts/{cast.wang}", f"/admin/accounts/{cast.wang}/grant",
        f"/admin/accounts/{cast.wang}/do/disable", "/admin/grants/1/revoke",
    ):  # fmt: skip
        assert client.get(path).status_code == 403, path
    assert grant(client, cast.zhao, region="140105").status_code == 403


def test_the_province_may_not_change_accounts(province, cast):
    assert province.get(f"/admin/accounts/{cast.county}").status_code == 200
    assert province.get(f"/admin/accounts/{cast.county}/do/disable").status_code == 403
    assert province.get("/admin/accounts/new").status_code == 403


def test_a_revoked_role_ends_at_once(site, admin, cast, sign_in):
    officer = sign_in(cast.province)
    assert officer.get("/admin/accounts").status_code == 200
    (held,) = grants_of(site, cast.province)
    url = f"/admin/grants/{held.id}/revoke"
    assert post(admin, url, {"reason": ""}, page="/me").status_code == 422
    assert post(admin, url, {"reason": "调离岗位"}, page="/me").status_code == 303
    assert officer.get("/admin/accounts").status_code == 403
    assert post(admin, url, {"reason": "再来一次"}, page="/me").status_code == 404


def test_disabling_signs_out_at_once_and_enabling_lets_in_again(site, admin, cast, sign_in):
    give_password(site.app, cast.wang, "莜面栲栳栳-2026")
    wang = sign_in(cast.wang)
    url = f"/admin/accounts/{cast.wang}/do"
    assert post(admin, f"{url}/disable", {"reason": "离职"}, page="/me").status_code == 303
    assert wang.get("/me").status_code == 302
    assert post(admin, f"{url}/disable", {"reason": "离职"}, page="/me").status_code == 409
    assert post(admin, f"{url}/enable", {"reason": "返聘"}, page="/me").status_code == 303
    signed = post(
        site.app.test_client(), "/sign-in",
        {"name": "13800000001", "password": "莜面栲栳栳-2026"},
    )  # fmt: skip
    assert signed.status_code == 303


def test_every_act_of_power_is_in_the_audit_trail_with_its_reason(site, admin, cast, sign_in):
    sign_in(cast.wang)
    url = f"/admin/accounts/{cast.wang}/do/sign-out"
    assert post(admin, url, {"reason": "手机丢失"}, page="/me").status_code == 303
    with site.app.app_context():
        newest = (
            session().scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.id.desc())).first()
        )
        assert audit.first_broken() is None
    assert newest.action == "account.end_sessions"
    assert newest.actor_id == cast.admin
    assert newest.details["reason"] == "手机丢失"


def test_an_administrator_adds_somebody_and_hands_her_a_slip(site, admin):
    data = {"name": "胡新来", "id_number": citizen_id(77), "phone": "", "login": "hu.xinlai"}
    answer = post(admin, "/admin/accounts/new", data, page="/me")
    assert answer.status_code == 303
    slip = post(admin, f"{answer.location}/slip", page="/me")
    assert slip.status_code == 200
    again = post(admin, "/admin/accounts/new", data, page="/me")
    assert again.status_code == 422
    assert "已经登记" in again.text
    bad = post(admin, "/admin/accounts/new", data | {"id_number": "1"}, page="/me")
    assert "校验不通过" in bad.text
    assert "胡新来" in bad.text


def test_unknown_people_and_acts_are_not_found(admin, cast):
    assert admin.get("/admin/accounts/99999").status_code == 404
    assert admin.get(f"/admin/accounts/{cast.wang}/do/explode").status_code == 404
    assert admin.get("/admin/grants/99999/revoke").status_code == 404


def test_the_roles_can_be_filtered_and_taken_away_as_a_sheet(admin, province):
    page = admin.get("/admin/roles?role=hr").text
    assert "李敏" in page
    assert "郑晓东" not in page
    sheet = admin.get("/admin/roles.csv?role=hr")
    assert "李敏" in sheet.get_data().decode("utf-8-sig")
    assert admin.get("/admin/roles.xlsx").status_code == 200
    assert "管理员甲" not in province.get("/admin/roles").text


def test_lists_need_as_many_statements_for_many_as_for_few(site, admin, cast):
    def cost(path):
        with count_statements() as seen:
            assert admin.get(path).status_code == 200
        return len(seen)

    paths = ("/admin/accounts", "/admin/accounts?kind=all", "/admin/roles", "/me")
    few = [cost(path) for path in paths]
    today = clock.today()
    with site.app.app_context(), unit_of_work():
        everybody = session().scalars(select(Account.person_id)).all()
        for person_id in everybody:
            for region in ("140106", "140107", "140108"):
                grant_role(person_id, Role.OFFICER, SYSTEM, clock.now(), today, region=region)
        assert session().scalar(select(func.count()).select_from(RoleGrant)) > 30
    assert [cost(path) for path in paths] == few
    assert "下一页" in admin.get("/admin/roles").text
    assert "上一页" in admin.get("/admin/roles?page=2").text
