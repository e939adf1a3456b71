-- Rows as the release with the third layout wrote them. The test reads them at 1800000000000.

INSERT INTO users (
    id, name, folded_name, email, password_hash, role, disabled, epoch, revision, created_at,
    password_changed_at, email_confirmed_at, totp_seed, totp_last_step, recovery_codes, second_factor_since
) VALUES
    (7001, 'Ada', 'ada', 'ada@example.org', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 'administrator', 0,
        3, 5, 1799000000000, 1799100000000, 1799200000000, x'01020304', 59980000,
        CAST(x'1111111111111111111111111111111111111111111111111111111111111111'
            || x'2222222222222222222222222222222222222222222222222222222222222222' AS BLOB),
        1799300000000),
    (7002, 'Grace', 'grace', NULL, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b3RoZXI', 'member', 1,
        0, 1, 1799000000000, 1799000000000, NULL, NULL, NULL, NULL, NULL);

-- A link to reset a password, an invitation with three of five uses left, and a spent link.
INSERT INTO tokens (key, purpose, user_id, user_epoch, email, uses_left, uses, created_at, expires_at) VALUES
    (x'aa00000000000000000000000000000000000000000000000000000000000000', 'reset_password', 7001, 3,
        'ada@example.org', 1, 1, 1799999900000, 1800000800000),
    (x'bb00000000000000000000000000000000000000000000000000000000000000', 'invitation', NULL, NULL,
        NULL, 3, 5, 1799999900000, 1800604700000),
    (x'cc00000000000000000000000000000000000000000000000000000000000000', 'sign_in', 7001, 3,
        NULL, 0, 1, 1799999900000, 1800000800000);

-- The first user agent is compressed, the second is as the client sent it.
INSERT INTO events (id, user_id, at, kind, user_agent, address) VALUES
    (1, 7001, 1799000000000, 'signed_up', char(3, 8) || '146' || char(15), x'c0000207'),
    (2, 7001, 1799900000000, 'signed_in', 'curl/8.5.0', x'20010db8000000000000000000000001'),
    (3, 7001, 1799800000000, 'disabled_by_operator', '', NULL);

-- A rotated session in which a user is signed in, the session of a visitor, one that waits for a code, and one
-- in which a second factor waits for its first code.
INSERT INTO sessions (
    id, key, expires_at, created_at, last_seen_at, idle_millis, absolute_millis, permanent, revision,
    user_id, user_epoch, authenticated_at, user_agent, address, data, origin
) VALUES
    (0x1122334455667788 >> 1, x'1122334455667788000000000000000000000000000000000000000000000000',
        1800003000000, 1799990000000, 1799999400000, 3600000, 86400000, 1, 2,
        7001, 3, 1799990000000, char(3, 8) || '146' || char(15), x'c0000207', '{"theme":"dark"}',
        x'ee00000000000000000000000000000000000000000000000000000000000000'),
    (0x2233445566778899 >> 1, x'2233445566778899000000000000000000000000000000000000000000000000',
        1800003000000, 1799999000000, 1799999400000, 3600000, 86400000, 0, 0,
        NULL, NULL, NULL, '', NULL, NULL, NULL),
    (0x3344556677889900 >> 1, x'3344556677889900000000000000000000000000000000000000000000000000',
        1800003000000, 1799999000000, 1799999400000, 3600000, 86400000, 0, 3,
        NULL, NULL, NULL, '', NULL,
        '{"_flash":["Hello","Again"],"_pending":{"at":1799999500000,"epoch":3,"permanent":true,"user":7001},"cart":[1,0.1]}',
        NULL),
    (0x4455667788990011 >> 1, x'4455667788990011000000000000000000000000000000000000000000000000',
        1800003000000, 1799990000000, 1799999400000, 3600000, 86400000, 0, 4,
        7001, 3, 1799990000000, '', NULL, '{"_enrolment":[1,2,254,0,15,16,17,18,19,20,21]}', NULL);
