-- If this fails, the seed lookalike_segments names a segment that there is not, and nobody would be like its members.
select wanted.segment_id
from {{ ref('lookalike_segments') }} as wanted
left join {{ ref('int_segments') }} as segments on wanted.segment_id = segments.segment_id
where segments.segment_id is null
