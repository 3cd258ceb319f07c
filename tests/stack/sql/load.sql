-- One transaction of the write load: three rows in, three out, a few changed. The window of the newest 5000 order ids
-- keeps the tables at the size they were seeded with; every access goes through a primary key.
insert into orders (customer, amount, note)
    select (random() * 500)::int, (random() * 100)::numeric(10, 2), 'live' from generate_series(1, 3) \;
update orders set amount = amount + 1, updated_at = now()
    where id in (select last_value - (random() * 4000)::int from orders_id_seq, generate_series(1, 2)) \;
update customers set email = 'u' || (random() * 1e6)::int || '@example.com'
    where id = (select 1 + (random() * 499)::int) \;
delete from orders where id <= (select last_value - 5000 from orders_id_seq)
