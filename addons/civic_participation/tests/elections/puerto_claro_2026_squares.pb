META
key;value
description;Squares for people
country;Spain
unit;Puerto Claro
instance;2026
num_projects;6
num_votes;13
budget;12000
vote_type;approval
rule;equalshares/add1
date_begin;01.03.2026
date_end;15.03.2026
min_length;1
PROJECTS
project_id;cost;votes;name;selected
sq1;6000;7;Trees for the harbour square;1
sq2;5500;6;Benches in the shade;0
sq3;4000;4;A fountain for the hill quarter;0
sq4;2500;4;Lamps on the hill steps;1
sq5;3000;3;A chess corner;0
sq6;900;3;Books under the arcades;1
VOTES
voter_id;vote
1;sq1,sq2
2;sq1,sq2
3;sq1,sq2,sq6
4;sq2,sq1
5;sq1,sq2,sq5
6;sq1,sq2
7;sq1,sq5
8;sq3,sq4
9;sq4,sq3
10;sq3,sq6
11;sq3,sq4,sq6
12;sq4
13;sq5
