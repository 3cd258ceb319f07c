-- The passwords of the lab's roles, set at every start. They are words that stand nowhere else, for what cdctop writes is
-- looked through for them.
alter role dbz password 'lab-password-of-dbz';
alter role viewer password 'lab-password-of-viewer';
alter role cdctop password 'lab-password-of-cdctop';
alter role nobody_rights password 'lab-password-of-nobody_rights';
