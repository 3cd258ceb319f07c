-- Roles, database and rows of the lab. Run once, as superuser, on a new cluster.
create role dbz login replication;
create role viewer login;
grant pg_monitor to viewer;
-- what the manual asks of an operator's role: read statistics, drop slots (REPLICATION), write signals
create role cdctop login replication;
grant pg_monitor to cdctop;
-- may log in and nothing else
create role nobody_rights login;
\ir passwords.sql

create database shop owner dbz;
\connect shop
grant all on schema public to dbz;
set role dbz;

create table orders (
    id bigserial primary key,
    customer int not null,
    amount numeric(10, 2),
    note text,
    updated_at timestamptz default now()
);
create table customers (id serial primary key, name text, email text);
create table nopk (a int, b text);
create table debezium_signal (id varchar(64) primary key, type varchar(32) not null, data varchar(2048));
create table heartbeat (id int primary key, ts timestamptz);
grant insert on debezium_signal to cdctop;

insert into orders (customer, amount, note)
    select g % 500, (random() * 1000)::numeric(10, 2), repeat('x', (random() * 120)::int) from generate_series(1, 5000) g;
insert into customers (name, email)
    select 'name' || g, 'u' || g || '@example.com' from generate_series(1, 500) g;
insert into nopk
    select g, 'n' || g from generate_series(1, 50) g;

reset role;
create publication dbz_pub for table orders, customers, nopk, debezium_signal, heartbeat;
