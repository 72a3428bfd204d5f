-- 卸载：删除本产品在 HIS 数据库中的全部对象与账号。可重复执行。HIS 若写发件表，须先由厂商停止写入。
BEGIN
  FOR present IN (SELECT username FROM all_users WHERE username IN ('HIS_TRACE', 'HIS_TRACE_READER')) LOOP
    EXECUTE IMMEDIATE 'DROP USER ' || present.username || ' CASCADE';
  END LOOP;
END;
/
