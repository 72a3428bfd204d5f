-- 卸载：删除本产品在 HIS 数据库中的全部对象与账号。可重复执行。触发器属于 HIS_TRACE，随用户一起删除；HIS 随即不再受任何影响。
BEGIN
  FOR present IN (SELECT username FROM all_users WHERE username IN ('HIS_TRACE', 'HIS_TRACE_READER')) LOOP
    EXECUTE IMMEDIATE 'DROP USER ' || present.username || ' CASCADE';
  END LOOP;
END;
/
