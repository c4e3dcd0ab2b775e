import time

import pytest
from abax.mail.message import read
from abax.mail.wire_traits import owner, wire_traits

LIST = """\
Received: from lists.club.example (lists.club.example [192.0.2.7])
 by mx.home.example with ESMTP; Tue, 3 Mar 2026 09:30:02 +0100
Received: from laptop (localhost [127.0.0.1])
 by lists.club.example with SMTP; Tue, 3 Mar 2026 09:30:01 +0100
Return-Path: <talk-bounces@lists.club.example>
Message-ID: <4711.0815@club.example>
In-Reply-To: <1@home.example>
From: Eva Mueller <eva@club.example>
To: talk@lists.club.example
Subject: Re: [talk] Minutes
Date: Tue, 3 Mar 2026 09:30:00 +0100
List-Id: <talk.lists.club.example>
List-Post: <mailto:talk@lists.club.example>
Precedence: list

See http://www.club.example/minutes and http://club.example/
"""
STRANGE = """\
Received: from [198.51.100.9] (adsl-9.pool.cheap.example [198.51.100.9])
 by mx.home.example with SMTP; Tue, 3 Mar 2026 09:30:01 +0100
Message-ID: <xyz@nowhere>
From: "WIN NOW!!!" <win4711x0@hotmail.example>
Reply-To: other@elsewhere.example
Subject: Re: eva, your prize
Date: 03.03.2026
X-Mailer: Microsoft Outlook Express 6.00
X-Spam-Status: Yes
To: eva@home.example

http://198.51.100.10:81/x.php?remove=1
"""


def traits(mail):
    return set(wire_traits(read(mail.encode()).message))


def test_mail_of_a_list_is_coherent():
    found = traits(LIST)
    assert {"list-headers:1", "answers-on-list", "returns-to-program", "return:True"} <= found
    assert {"coherent-by:return+id+link+way", "links-of-sender:all", "most-linked-way:True"} <= found
    assert {"begins:home", "hops:2", "to-list:True"} <= found


def test_mail_that_is_not_what_it_says_has_no_coherence():
    found = traits(STRANGE)
    assert {"outlook:id=False:ole=False", "id-host:bare", "id-of-another", "date:odd", "zoneless"} <= found
    assert {"free-sender:False", "answers-elsewhere", "answers:said=True:known=False"} <= found
    assert {"first-giver:number", "first-at-home", "to-in-subject:True"} <= found
    assert {"link:script", "link:leave", "link:port-in-host", "links-of-sender:none"} <= found


@pytest.mark.parametrize("mail", [LIST, STRANGE])
def test_no_address_host_or_date_is_a_trait_nor_what_other_filters_said(mail):
    found = " ".join(traits(mail))
    for part in ("@", "club", "hotmail", "cheap", "198.51", "2026", "spam"):
        assert part not in found


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("www.shop.example", "shop.example"),
        ("Mail.Shop.CO.uk.", "shop.co.uk"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_who_owns_a_host_is_told_by_what_can_be_registered(host, wanted):
    assert owner(host) == wanted


@pytest.mark.parametrize("piece", ["a", "1", "a.", "@", "a@", "(", "from ", "[", "http://", "=", " "])
def test_headers_without_end_take_no_time(piece):
    long = piece * (60_000 // len(piece))
    head = "".join(
        f"{name}: {long}\n" for name in ("Received", "Date", "Message-ID", "From", "X-Mailer", "Return-Path")
    )
    message = read(f"{head}Subject: x\n\n{long}".encode()).message
    begun = time.perf_counter()
    assert set(wire_traits(message))
    assert time.perf_counter() - begun < 2
